package io.breakwater.region;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Where a mirrored record came from, carried in its header {@link #HEADER}. A record without one was written locally.
 *
 * <p>Format, version 1, 45 bytes, big-endian: version (1 byte), source cluster id (16), source topic id (16),
 * source partition (4), source offset (8). A later version begins with another first byte; an unknown one is refused.
 */
public record ProvenanceStamp(Uuid clusterId, Uuid topicId, int partition, long offset) {

    public static final String HEADER = "breakwater.stamp";

    private static final byte VERSION = 1;
    private static final int BYTES = 45;

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .put(VERSION)
                .putLong(clusterId.getMostSignificantBits())
                .putLong(clusterId.getLeastSignificantBits())
                .putLong(topicId.getMostSignificantBits())
                .putLong(topicId.getLeastSignificantBits())
                .putInt(partition)
                .putLong(offset)
                .array();
    }

    /** @throws IllegalArgumentException if the bytes are no stamp of a known version */
    public static ProvenanceStamp fromBytes(byte[] bytes) {
        if (bytes.length != BYTES || bytes[0] != VERSION) {
            throw new IllegalArgumentException("provenance stamp of " + bytes.length + " bytes and version "
                    + (bytes.length == 0 ? "none" : bytes[0]) + ": this release knows version " + VERSION + ", " + BYTES
                    + " bytes");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, BYTES - 1);
        return new ProvenanceStamp(
                new Uuid(in.getLong(), in.getLong()), new Uuid(in.getLong(), in.getLong()), in.getInt(), in.getLong());
    }

    /** @throws IllegalArgumentException if there is a stamp of an unknown version */
    public static Optional<ProvenanceStamp> of(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header == null ? Optional.empty() : Optional.of(fromBytes(header.value()));
    }
}
