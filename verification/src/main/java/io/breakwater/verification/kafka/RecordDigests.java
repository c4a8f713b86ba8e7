package io.breakwater.verification.kafka;

import io.breakwater.region.ProvenanceStamp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * One SHA-256 over the records of each stretch of source offsets of a partition, so that two partitions can be compared
 * without either's records being kept, and a difference is found to the stretch. A record counts with its source offset,
 * timestamp (unless the broker set it), key, value and headers but for the stamp. Not thread-safe.
 */
final class RecordDigests {

    /** Source offsets a digest. */
    static final int STRETCH = 4096;

    private static final int MAX_DISORDER = 10;

    private final SortedMap<Long, String> digests = new TreeMap<>();
    private final List<String> disorder = new ArrayList<>();
    private MessageDigest open = sha256();
    private long openStretch = -1;
    private long last = -1;
    private long records;

    void add(long sourceOffset, ConsumerRecord<byte[], byte[]> record) {
        if (sourceOffset <= last && disorder.size() < MAX_DISORDER) {
            disorder.add("source offset " + sourceOffset + " after " + last + ", at offset " + record.offset());
        }
        last = Math.max(last, sourceOffset);
        if (sourceOffset / STRETCH != openStretch) {
            finish();
            openStretch = sourceOffset / STRETCH;
        }
        records++;
        boolean brokersTime = record.timestampType() == TimestampType.LOG_APPEND_TIME;
        open.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(sourceOffset)
                .putLong(brokersTime ? -1 : record.timestamp())
                .flip());
        update(record.key());
        update(record.value());
        for (Header header : record.headers()) {
            if (!header.key().equals(ProvenanceStamp.HEADER)) {
                update(header.key().getBytes(StandardCharsets.UTF_8));
                update(header.value());
            }
        }
    }

    private void update(byte @Nullable [] bytes) {
        open.update(ByteBuffer.allocate(Integer.BYTES)
                .putInt(bytes == null ? -1 : bytes.length)
                .flip());
        if (bytes != null) {
            open.update(bytes);
        }
    }

    private void finish() {
        if (openStretch >= 0) {
            digests.merge(openStretch, HexFormat.of().formatHex(open.digest()), (first, again) -> first + "+" + again);
            openStretch = -1;
        }
    }

    long records() {
        return records;
    }

    /** The highest source offset seen; -1 if none. */
    long last() {
        return last;
    }

    /** Records that do not come after the one before them; at most {@link #MAX_DISORDER}. */
    List<String> disorder() {
        return disorder;
    }

    /** One digest over all. */
    String whole() {
        finish();
        MessageDigest whole = sha256();
        digests.forEach((stretch, digest) -> whole.update((stretch + " " + digest).getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().formatHex(whole.digest());
    }

    /** The stretches, by their first source offset, in which the two differ. */
    List<Long> differing(RecordDigests other) {
        finish();
        other.finish();
        TreeSet<Long> stretches = new TreeSet<>(digests.keySet());
        stretches.addAll(other.digests.keySet());
        return stretches.stream()
                .filter(s -> !digests.getOrDefault(s, "").equals(other.digests.getOrDefault(s, "")))
                .map(s -> s * STRETCH)
                .toList();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
