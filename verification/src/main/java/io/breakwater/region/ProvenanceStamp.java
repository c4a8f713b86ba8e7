package io.breakwater.region;

import java.nio.ByteBuffer;
import java.util.Objects;
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
    private static final byte[] NOTHING = {};

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

    /** @throws UnreadableStampException if the bytes are no stamp of a known version */
    public static ProvenanceStamp fromBytes(byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != VERSION) {
            throw new UnreadableStampException("the header " + HEADER + " is a stamp of version "
                    + (bytes.length == 0 ? "none" : Byte.toUnsignedInt(bytes[0])) + "; this release knows version "
                    + VERSION + ": use the release here that wrote it there, or a later one");
        }
        if (bytes.length != BYTES) {
            throw new UnreadableStampException("the header " + HEADER + " has " + bytes.length
                    + " bytes; a stamp of version " + VERSION + " has " + BYTES
                    + ": find out what else writes this header, and give the mirror ByteArrayConverter for headers");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, BYTES - 1);
        return new ProvenanceStamp(
                new Uuid(in.getLong(), in.getLong()), new Uuid(in.getLong(), in.getLong()), in.getInt(), in.getLong());
    }

    /** @throws UnreadableStampException if there is one that this release cannot read */
    public static Optional<ProvenanceStamp> of(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header == null
                ? Optional.empty()
                : Optional.of(fromBytes(Objects.requireNonNullElse(header.value(), NOTHING)));
    }
}
