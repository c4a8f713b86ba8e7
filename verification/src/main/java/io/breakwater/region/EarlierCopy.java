package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.VisibleRecords.Range;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Whether a partition of a target holds records of the source partition already, brought by a mirror that did not
 * stamp, or by a flow whose stored offset is gone. A mirror that began at the first record would bring them again.
 *
 * <p>The rule: of the target's first record and its last {@link #SAMPLE}, one is the source's. A stamped one is by its
 * stamp; one without a stamp if the source has a record of the same time, key and value: mirrors keep all three. The
 * source is searched by time. Records that another writer put on the target are none of that. Not thread-safe.
 */
public final class EarlierCopy implements AutoCloseable {

    static final int SAMPLE = 20;

    /** Of the source's records from the sample's earliest time on, so many are compared. */
    static final int COMPARED = 5_000;

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int STRETCH = 64;
    private static final int GROWTH = 8;

    private final Admin sourceAdmin;
    private final VisibleRecords source;
    private final VisibleRecords target;

    /**
     * The last record of the source that was found on the target.
     *
     * @param sourceOffset of the record there
     * @param targetOffset of its copy
     * @param isStamped whether the copy says so itself
     */
    public record Found(long sourceOffset, long targetOffset, boolean isStamped) {}

    private record Content(
            long timestamp,
            @Nullable ByteBuffer key,
            @Nullable ByteBuffer value) {

        static Content of(ConsumerRecord<byte[], byte[]> record) {
            return new Content(record.timestamp(), wrapped(record.key()), wrapped(record.value()));
        }

        private static @Nullable ByteBuffer wrapped(byte @Nullable [] bytes) {
            return bytes == null ? null : ByteBuffer.wrap(bytes);
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
    public Optional<Found> find(PartitionKey partition, Uuid topicId) throws InterruptedException {
        TopicPartition kafkas = VisibleRecords.kafkas(partition);
        Range copies = extent(target, partition);
        Range all = extent(source, partition);
        List<ConsumerRecord<byte[], byte[]>> last = last(kafkas, copies);
        for (int i = last.size() - 1; i >= 0; i--) {
            ConsumerRecord<byte[], byte[]> record = last.get(i);
            Optional<ProvenanceStamp> stamp = ProvenanceStamp.of(record.headers());
            if (stamp.filter(s -> s.topicId().equals(topicId) && s.partition() == partition.partition())
                    .isPresent()) {
                // What the source has deleted does not come again.
                return stamp.get().offset() < all.from()
                        ? Optional.empty()
                        : Optional.of(new Found(stamp.get().offset(), record.offset(), true));
            }
        }
        Optional<Found> found = unstamped(partition, all, last);
        if (found.isPresent() || last.isEmpty()) {
            return found;
        }
        return unstamped(
                partition,
                all,
                target.first(Map.of(kafkas, copies), (p, record) -> true).values().stream()
                        .toList());
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

    private Optional<Found> unstamped(PartitionKey partition, Range all, List<ConsumerRecord<byte[], byte[]>> sample)
            throws InterruptedException {
        Map<Content, Long> copies = new HashMap<>();
        long earliest = Long.MAX_VALUE;
        for (ConsumerRecord<byte[], byte[]> record : sample) {
            if (ProvenanceStamp.of(record.headers()).isEmpty()) {
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
        Found[] newest = new Found[1];
        int[] compared = new int[1];
        Range searched = new Range(Math.max(from.getAsLong(), all.from()), all.to());
        source.first(Map.of(VisibleRecords.kafkas(partition), searched), (p, record) -> {
            Long copy = copies.get(Content.of(record));
            if (copy != null) {
                newest[0] = new Found(record.offset(), copy, false);
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
