package io.breakwater.region;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.utils.ByteUtils;

/**
 * Where a mirrored record came from, carried in its header {@link #HEADER}. A record without one was written locally.
 *
 * <p>Format, version 1, 35 to 48 bytes: version (1 byte), source cluster id (16, big-endian), source topic id (16,
 * big-endian), source partition and source offset (1 to 5 and 1 to 10, as Kafka's records have their own numbers: variable
 * length, zigzag). Every byte is paid for with each record that crosses from one region to another. A later version begins
 * with another first byte; an unknown one is refused.
 */
public record ProvenanceStamp(Uuid clusterId, Uuid topicId, int partition, long offset) {

    public static final String HEADER = "bw.stamp";

    private static final byte VERSION = 1;
    private static final int FIXED_BYTES = 33;
    private static final byte[] NOTHING = {};

    public byte[] toBytes() {
        ByteBuffer bytes =
                ByteBuffer.allocate(FIXED_BYTES + ByteUtils.sizeOfVarint(partition) + ByteUtils.sizeOfVarlong(offset));
        bytes.put(VERSION)
                .putLong(clusterId.getMostSignificantBits())
                .putLong(clusterId.getLeastSignificantBits())
                .putLong(topicId.getMostSignificantBits())
                .putLong(topicId.getLeastSignificantBits());
        ByteUtils.writeVarint(partition, bytes);
        ByteUtils.writeVarlong(offset, bytes);
        return bytes.array();
    }

    /** @throws UnreadableStampException if the bytes are no stamp of a known version */
    public static ProvenanceStamp fromBytes(byte[] bytes) {
        if (bytes.length == 0 || bytes[0] != VERSION) {
            throw new UnreadableStampException("the header " + HEADER + " is a stamp of version "
                    + (bytes.length == 0 ? "none" : Byte.toUnsignedInt(bytes[0])) + "; this release knows version "
                    + VERSION + ": use the release here that wrote it there, or a later one");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
        try {
            ProvenanceStamp stamp = new ProvenanceStamp(
                    new Uuid(in.getLong(), in.getLong()),
                    new Uuid(in.getLong(), in.getLong()),
                    ByteUtils.readVarint(in),
                    ByteUtils.readVarlong(in));
            if (in.hasRemaining() || stamp.partition < 0 || stamp.offset < 0) {
                throw noStamp(bytes);
            }
            return stamp;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw noStamp(bytes);
        }
    }

    private static UnreadableStampException noStamp(byte[] bytes) {
        return new UnreadableStampException("the " + bytes.length + " bytes of the header " + HEADER
                + " are no stamp of version " + VERSION
                + ": find out what else writes this header, and give the mirror ByteArrayConverter for headers");
    }

    /** @throws UnreadableStampException if there is one that this release cannot read */
    public static Optional<ProvenanceStamp> of(Headers headers) {
        Header header = headers.lastHeader(HEADER);
        return header == null
                ? Optional.empty()
                : Optional.of(fromBytes(Objects.requireNonNullElse(header.value(), NOTHING)));
    }
}
