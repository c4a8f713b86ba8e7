package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.VisibleRecords.Range;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Whether a partition of a target holds records of the source partition already, brought by a mirror that did not
 * stamp, or by a flow whose stored offset is gone. A mirror that began at the first record would bring them again.
 *
 * <p>The rule: of the target's first record and its last {@link #SAMPLE}, one is the source's. A stamped one is by its
 * stamp; one without a stamp if the source has a record of the same time, key and value: mirrors keep all three. The
 * source is searched by time. If none of these is, that proves nothing, because the source may have deleted just those,
 * and a topic with {@code message.timestamp.type=LogAppendTime} gives its records times of its own. So then all records
 * of both sides are compared, if neither has more than {@link #COMPARED} offsets. Not thread-safe.
 */
public final class EarlierCopy implements AutoCloseable {

    static final int SAMPLE = 20;

    /** Of the source's records from the sample's earliest time on, so many are compared. */
    static final int COMPARED = 5_000;

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int STRETCH = 64;
    private static final int GROWTH = 8;
    private static final Finding APART = new Finding.Apart();

    private final Admin sourceAdmin;
    private final VisibleRecords source;
    private final VisibleRecords target;

    /** What was found out about a target partition. */
    public sealed interface Finding {

        /**
         * It has records of the source.
         *
         * @param sourceOffset of the last one that was found, on the source
         * @param targetOffset of its copy
         * @param isStamped whether the copy says so itself
         */
        record Brought(long sourceOffset, long targetOffset, boolean isStamped) implements Finding {}

        /** It has none of those that the source has now. */
        record Apart() implements Finding {}

        /** That cannot be told. */
        record Unproven(String why) implements Finding {}
    }

    /** @param timestamp empty if it is not the one that the record was made with */
    private record Content(OptionalLong timestamp, ByteBuffer digest) {

        static Content of(ConsumerRecord<byte[], byte[]> record) {
            return new Content(OptionalLong.of(record.timestamp()), digest(record.key(), record.value()));
        }

        Content untimed() {
            return new Content(OptionalLong.empty(), digest);
        }

        private static ByteBuffer digest(byte @Nullable [] key, byte @Nullable [] value) {
            MessageDigest digest = sha256();
            for (byte[] part : Arrays.asList(key, value)) {
                digest.update(ByteBuffer.allocate(Integer.BYTES)
                        .putInt(part == null ? -1 : part.length)
                        .flip());
                if (part != null) {
                    digest.update(part);
                }
            }
            return ByteBuffer.wrap(digest.digest());
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }

    /** @param sourceAdmin stays the caller's to close */
    public EarlierCopy(Admin sourceAdmin, Map<String, Object> sourceSettings, Map<String, Object> targetSettings) {
        this.sourceAdmin = sourceAdmin;
        this.source = new VisibleRecords(sourceSettings, LIMIT);
        this.target = new VisibleRecords(targetSettings, LIMIT);
    }

    /**
     * Reads some records on both sides.
     *
     * @param topicId of the source's topic
     * @throws org.apache.kafka.common.KafkaException if a cluster does not answer, or refuses
     */
    public Finding find(PartitionKey partition, Uuid topicId) throws InterruptedException {
        TopicPartition kafkas = VisibleRecords.kafkas(partition);
        Range copies = extent(target, partition);
        Range all = extent(source, partition);
        if (copies.isEmpty() || all.isEmpty()) {
            return APART;
        }
        List<ConsumerRecord<byte[], byte[]>> last = last(kafkas, copies);
        for (int i = last.size() - 1; i >= 0; i--) {
            ConsumerRecord<byte[], byte[]> record = last.get(i);
            Optional<ProvenanceStamp> stamp = ProvenanceStamp.of(record.headers());
            if (stamp.filter(s -> s.topicId().equals(topicId) && s.partition() == partition.partition())
                    .isPresent()) {
                // What the source has deleted does not come again.
                return stamp.get().offset() < all.from()
                        ? APART
                        : new Finding.Brought(stamp.get().offset(), record.offset(), true);
            }
        }
        if (last.isEmpty()) {
            return APART;
        }
        Optional<Finding> found = unstamped(partition, all, last);
        List<ConsumerRecord<byte[], byte[]>> first =
                target.first(Map.of(kafkas, copies), (p, record) -> true).values().stream()
                        .toList();
        if (found.isEmpty()) {
            found = unstamped(partition, all, first);
        }
        return found.orElseGet(() -> isSmall(copies) && isSmall(all)
                ? whole(kafkas, copies, all)
                : unproven(Stream.concat(first.stream(), last.stream()).toList()));
    }

    private static boolean isSmall(Range range) {
        return range.to() - range.from() <= COMPARED;
    }

    private static Finding unproven(List<ConsumerRecord<byte[], byte[]>> sample) {
        String none = "none of its first and its last " + SAMPLE + " records is found on the source";
        String many = "and there are too many on one side to compare all of them";
        return new Finding.Unproven(
                sample.stream().anyMatch(EarlierCopy::isTimedAnew)
                        ? none + " by its time, because message.timestamp.type=LogAppendTime gave them others, " + many
                        : none + ", where they may have been deleted or compacted since, " + many);
    }

    private static boolean isTimedAnew(ConsumerRecord<byte[], byte[]> record) {
        return record.timestampType() == TimestampType.LOG_APPEND_TIME;
    }

    private static boolean isStamped(ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers()).isPresent();
    }

    /** Compares all records of both. */
    private Finding whole(TopicPartition partition, Range copies, Range all) {
        Map<Content, Long> there = new HashMap<>();
        target.first(Map.of(partition, copies), (p, record) -> {
            if (!isStamped(record)) {
                Content content = Content.of(record);
                there.put(isTimedAnew(record) ? content.untimed() : content, record.offset());
            }
            return false;
        });
        Finding[] newest = {APART};
        source.first(Map.of(partition, all), (p, record) -> {
            Content content = Content.of(record);
            Long copy = there.get(content);
            if (copy != null) {
                newest[0] = new Finding.Brought(record.offset(), copy, false);
            } else if (there.containsKey(content.untimed()) && newest[0] instanceof Finding.Apart) {
                newest[0] = new Finding.Unproven("it has keys and values of the source's records, but other times,"
                        + " because message.timestamp.type=LogAppendTime gave them others");
            }
            return false;
        });
        return newest[0];
    }

    /** The last visible records, oldest first. */
    private List<ConsumerRecord<byte[], byte[]>> last(TopicPartition partition, Range copies) {
        Deque<ConsumerRecord<byte[], byte[]>> last = new ArrayDeque<>();
        for (long length = STRETCH; last.isEmpty() && !copies.isEmpty(); length *= GROWTH) {
            long from = Math.max(copies.from(), copies.to() - length);
            target.first(Map.of(partition, new Range(from, copies.to())), (p, record) -> {
                last.addLast(record);
                if (last.size() > SAMPLE) {
                    last.removeFirst();
                }
                return false;
            });
            if (from == copies.from()) {
                break;
            }
        }
        return List.copyOf(last);
    }

    /** By time; records that have another time than on the source are none. */
    private Optional<Finding> unstamped(PartitionKey partition, Range all, List<ConsumerRecord<byte[], byte[]>> sample)
            throws InterruptedException {
        Map<Content, Long> copies = new HashMap<>();
        long earliest = Long.MAX_VALUE;
        for (ConsumerRecord<byte[], byte[]> record : sample) {
            if (!isStamped(record) && !isTimedAnew(record)) {
                copies.put(Content.of(record), record.offset());
                earliest = Math.min(earliest, record.timestamp());
            }
        }
        if (copies.isEmpty()) {
            return Optional.empty();
        }
        OptionalLong from = atTime(partition, earliest);
        if (from.isEmpty()) {
            return Optional.empty();
        }
        Finding[] newest = new Finding[1];
        int[] compared = new int[1];
        Range searched = new Range(Math.max(from.getAsLong(), all.from()), all.to());
        source.first(Map.of(VisibleRecords.kafkas(partition), searched), (p, record) -> {
            Long copy = copies.get(Content.of(record));
            if (copy != null) {
                newest[0] = new Finding.Brought(record.offset(), copy, false);
            }
            return ++compared[0] >= COMPARED;
        });
        return Optional.ofNullable(newest[0]);
    }

    /** The source's first offset of a time or later; empty if it has none. */
    private OptionalLong atTime(PartitionKey partition, long timestamp) throws InterruptedException {
        TopicPartition kafkas = VisibleRecords.kafkas(partition);
        long offset = KafkaAnswer.await(
                        sourceAdmin
                                .listOffsets(Map.of(kafkas, OffsetSpec.forTimestamp(timestamp)))
                                .partitionResult(kafkas),
                        "offset of " + partition + " at time " + timestamp)
                .offset();
        return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    private static Range extent(VisibleRecords cluster, PartitionKey partition) {
        return cluster.extents(cluster.present(List.of(partition)))
                .getOrDefault(VisibleRecords.kafkas(partition), new Range(0, 0));
    }

    @Override
    public void close() {
        source.close();
        target.close();
    }
}
