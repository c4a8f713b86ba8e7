package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.VisibleRecords.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
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
     * @param topicId of the source's topic, as the last stamp says
     */
    public record Tail(long sourceEnd, long targetEnd, Optional<Instant> lastTimestamp, Optional<Uuid> topicId) {

        static final Tail NONE = new Tail(0, 0, Optional.empty(), Optional.empty());
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
    public SortedMap<PartitionKey, Tail> read(Uuid sourceClusterId, Collection<PartitionKey> partitions) {
        return read(sourceClusterId, partitions, Map.of());
    }

    /**
     * As {@link #read(Uuid, Collection)}, looking at no record in front of where a flow began to write.
     *
     * @param begins the first target offset to look at, of partitions where that is not 0
     */
    public synchronized SortedMap<PartitionKey, Tail> read(
            Uuid sourceClusterId, Collection<PartitionKey> partitions, Map<PartitionKey, Long> begins) {
        Map<TopicPartition, Range> extents = target.extents(target.present(partitions));
        Map<TopicPartition, Range> own = new HashMap<>(extents);
        own.replaceAll((partition, extent) -> new Range(
                Math.max(extent.from(), begins.getOrDefault(VisibleRecords.key(partition), 0L)), extent.to()));
        own.values().removeIf(Range::isEmpty);
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last =
                last(own, stamp -> stamp.clusterId().equals(sourceClusterId));
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

    /**
     * The cluster that the newest stamp among the partitions names: with the source dead, the only one that knows.
     *
     * @return empty if there is no stamp
     * @throws org.apache.kafka.common.KafkaException if the target does not answer
     */
    public synchronized Optional<Uuid> sourceClusterId(Collection<PartitionKey> partitions) {
        return last(target.extents(target.present(partitions)), stamp -> true).values().stream()
                .max(Comparator.comparingLong(ConsumerRecord::timestamp))
                .flatMap(record -> ProvenanceStamp.of(record.headers()))
                .map(ProvenanceStamp::clusterId);
    }

    /**
     * The source offset of the first record from a target offset on that came from the source.
     *
     * @param from target offsets; a partition without such a record is not in the result
     * @throws org.apache.kafka.common.KafkaException if the target does not answer
     */
    public synchronized SortedMap<PartitionKey, Long> firstFrom(Uuid sourceClusterId, Map<PartitionKey, Long> from) {
        Map<TopicPartition, Range> ranges = target.extents(target.present(from.keySet()));
        ranges.replaceAll((partition, extent) -> new Range(
                Math.max(
                        extent.from(),
                        from.getOrDefault(new PartitionKey(partition.topic(), partition.partition()), 0L)),
                extent.to()));
        SortedMap<PartitionKey, Long> first = new TreeMap<>();
        target.first(
                        ranges,
                        (partition, record) -> ProvenanceStamp.of(record.headers())
                                .filter(stamp -> stamp.clusterId().equals(sourceClusterId))
                                .isPresent())
                .forEach((partition, record) -> ProvenanceStamp.of(record.headers())
                        .ifPresent(stamp ->
                                first.put(new PartitionKey(partition.topic(), partition.partition()), stamp.offset())));
        return first;
    }

    /** In each partition that has one, the last record with a stamp that is wanted. */
    private Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last(
            Map<TopicPartition, Range> extents, Predicate<ProvenanceStamp> wanted) {
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();
        Map<TopicPartition, Range> unread = new HashMap<>(extents);
        for (long length = FIRST_STRETCH; !unread.isEmpty(); length *= GROWTH) {
            long step = length;
            Map<TopicPartition, Range> stretches = new HashMap<>(unread);
            stretches.replaceAll(
                    (partition, range) -> new Range(Math.max(range.from(), range.to() - step), range.to()));
            last.putAll(target.last(
                    stretches,
                    (partition, record) ->
                            ProvenanceStamp.of(record.headers()).filter(wanted).isPresent()));
            unread.keySet().removeAll(last.keySet());
            unread.replaceAll((partition, range) -> new Range(range.from(), range.to() - step));
            unread.values().removeIf(Range::isEmpty);
        }
        return last;
    }

    private static Tail tail(long targetEnd, Optional<ConsumerRecord<byte[], byte[]>> last) {
        Optional<ProvenanceStamp> stamp = last.flatMap(record -> ProvenanceStamp.of(record.headers()));
        return new Tail(
                stamp.map(s -> s.offset() + 1).orElse(0L),
                targetEnd,
                last.map(record -> Instant.ofEpochMilli(record.timestamp())),
                stamp.map(ProvenanceStamp::topicId));
    }

    @Override
    public void close() {
        target.close();
    }
}
