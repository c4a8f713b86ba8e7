package io.breakwater.replicator.flink.snapshot;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * An element of a list state of sources and sinks, as SimpleVersionedListState writes it: length (4 bytes), version
 * (4), length of the payload (4), payload.
 */
final class VersionedBytes {

    private static final int LENGTHS = 2 * Integer.BYTES;

    private final int version;
    private final byte[] payload;

    VersionedBytes(int version, byte[] payload) {
        this.version = version;
        this.payload = payload;
    }

    int version() {
        return version;
    }

    byte[] payload() {
        return payload;
    }

    static VersionedBytes parse(byte[] element) {
        try {
            ByteBuffer in = ByteBuffer.wrap(element);
            int length = in.getInt();
            int version = in.getInt();
            byte[] payload = new byte[in.getInt()];
            in.get(payload);
            if (in.hasRemaining() || length != payload.length + LENGTHS) {
                throw new UnsupportedSnapshotException(
                        "list state element of " + element.length + " bytes has other lengths inside");
            }
            return new VersionedBytes(version, payload);
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw new UnsupportedSnapshotException(
                    "list state element of " + element.length + " bytes is not of a source or sink", e);
        }
    }

    byte[] toElement() {
        return ByteBuffer.allocate(Integer.BYTES + LENGTHS + payload.length)
                .putInt(payload.length + LENGTHS)
                .putInt(version)
                .putInt(payload.length)
                .put(payload)
                .array();
    }
}
