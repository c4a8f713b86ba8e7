package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.VisibleRecords.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * How far a mirror has come, as the target shows it: the last record of each partition that carries a stamp of the
 * source cluster. Transactions end in control records, and records of other origin may follow, so it reads backwards in
 * growing stretches. Thread-safe; concurrent calls wait for each other.
 */
public final class MirrorTail implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int FIRST_STRETCH = 64;
    private static final int GROWTH = 8;

    private final VisibleRecords target;

    /**
     * @param sourceEnd the last stamp + 1; 0 if the partition holds none, or is not there
     * @param targetEnd the target's last stable offset
     * @param lastTimestamp of the last stamped record
     */
    public record Tail(long sourceEnd, long targetEnd, Optional<Instant> lastTimestamp) {

        static final Tail NONE = new Tail(0, 0, Optional.empty());
    }

    /** @param targetSettings client settings of the target cluster */
    public MirrorTail(Map<String, Object> targetSettings) {
        this.target = new VisibleRecords(targetSettings, LIMIT);
    }

    /**
     * One entry for each partition asked for.
     *
     * @throws org.apache.kafka.common.KafkaException if the target does not answer
     */
    public synchronized SortedMap<PartitionKey, Tail> read(Uuid sourceClusterId, Collection<PartitionKey> partitions) {
        Map<TopicPartition, Range> extents = target.extents(target.present(partitions));
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();
        Map<TopicPartition, Range> unread = new HashMap<>(extents);
        for (long length = FIRST_STRETCH; !unread.isEmpty(); length *= GROWTH) {
            long step = length;
            Map<TopicPartition, Range> stretches = new HashMap<>(unread);
            stretches.replaceAll(
                    (partition, range) -> new Range(Math.max(range.from(), range.to() - step), range.to()));
            last.putAll(target.last(stretches, (partition, record) -> isFrom(sourceClusterId, record)));
            unread.keySet().removeAll(last.keySet());
            unread.replaceAll((partition, range) -> new Range(range.from(), range.to() - step));
            unread.values().removeIf(Range::isEmpty);
        }
        SortedMap<PartitionKey, Tail> tails = new TreeMap<>();
        for (PartitionKey key : partitions) {
            Range extent = extents.get(VisibleRecords.kafkas(key));
            tails.put(
                    key,
                    extent == null
                            ? Tail.NONE
                            : tail(extent.to(), Optional.ofNullable(last.get(VisibleRecords.kafkas(key)))));
        }
        return tails;
    }

    private static boolean isFrom(Uuid clusterId, ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers())
                .filter(stamp -> stamp.clusterId().equals(clusterId))
                .isPresent();
    }

    private static Tail tail(long targetEnd, Optional<ConsumerRecord<byte[], byte[]>> last) {
        long sourceEnd = last.flatMap(record -> ProvenanceStamp.of(record.headers()))
                .map(stamp -> stamp.offset() + 1)
                .orElse(0L);
        return new Tail(sourceEnd, targetEnd, last.map(record -> Instant.ofEpochMilli(record.timestamp())));
    }

    @Override
    public void close() {
        target.close();
    }
}
