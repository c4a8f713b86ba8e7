package io.breakwater.region;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.region.MirrorTail.Tail;
import io.breakwater.region.VisibleRecords.Range;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Up to which source offset each partition is on the target, as a vector that a writer's inputs can be held against:
 * below it every visible source record is mirrored. That is more than the last stamp, because a source's last offsets
 * may be control records, aborted records or gaps of compaction, which no mirror carries.
 *
 * <p>Needs both clusters alive. Thread-safe; concurrent calls wait for each other.
 */
public final class MirroredThrough implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final MirrorTail tail;
    private final VisibleRecords source;
    private final Admin sourceAdmin;
    private Optional<Uuid> sourceClusterId = Optional.empty();

    /**
     * @param through exclusive source ends; a partition that the source does not have is left out
     * @param missingSince the time of the oldest record that is not on the target, of partitions where one is missing
     * @param ends what was seen of each partition that the source has
     * @param readAt when it was so
     */
    public record Through(
            OffsetVector through,
            SortedMap<PartitionKey, Instant> missingSince,
            SortedMap<PartitionKey, Ends> ends,
            Instant readAt) {

        /** All that the source accepted before it is on the target. */
        public Instant sourceTime() {
            return missingSince.values().stream()
                    .filter(time -> time.isBefore(readAt))
                    .min(Instant::compareTo)
                    .orElse(readAt);
        }

        /** The same, where what is missing of some partitions is missing on purpose. */
        public Through except(Predicate<PartitionKey> onPurpose) {
            SortedMap<PartitionKey, Instant> times = new TreeMap<>(missingSince);
            times.keySet().removeIf(onPurpose);
            return new Through(through, times, ends, readAt);
        }

        /** The part that is about one topic. */
        public Through topic(String topic) {
            SortedMap<PartitionKey, Long> ends = new TreeMap<>(through.ends());
            ends.keySet().removeIf(partition -> !partition.topic().equals(topic));
            SortedMap<PartitionKey, Instant> times = new TreeMap<>(missingSince);
            times.keySet().removeIf(partition -> !partition.topic().equals(topic));
            SortedMap<PartitionKey, Ends> seen = new TreeMap<>(this.ends);
            seen.keySet().removeIf(partition -> !partition.topic().equals(topic));
            return new Through(new OffsetVector(ends), times, seen, readAt);
        }
    }

    /**
     * @param sourceBegin the first offset that the source still has
     * @param sourceEnd the source's last stable offset
     * @param target what the target has of it, read before
     */
    public record Ends(long sourceBegin, long sourceEnd, Tail target) {}

    public MirroredThrough(Map<String, Object> sourceSettings, Map<String, Object> targetSettings) {
        this.sourceAdmin = Admin.create(sourceSettings);
        this.source = new VisibleRecords(sourceSettings, LIMIT);
        this.tail = new MirrorTail(targetSettings);
    }

    /** @throws KafkaException if a cluster does not answer */
    public Through read(Collection<PartitionKey> partitions) {
        return read(partitions, Optional.empty());
    }

    /**
     * As {@link #read(Collection)}, by what the running flow carried: what lies in front of its beginning on the source
     * is on the target already, or never was to be carried.
     *
     * @param running the open segment of the flow, if one is recorded
     */
    public synchronized Through read(Collection<PartitionKey> partitions, Optional<Segment> running) {
        Instant began = Instant.now();
        Map<PartitionKey, Long> sourceBegins = new HashMap<>();
        Map<PartitionKey, Long> targetBegins = new HashMap<>();
        running.ifPresent(segment -> segment.partitions().forEach((partition, range) -> {
            sourceBegins.put(partition, range.sourceFrom());
            targetBegins.put(partition, range.targetFrom());
        }));
        // The target first: what the source gains in between only makes the answer more modest.
        SortedMap<PartitionKey, Tail> tails = tail.read(clusterId(), partitions, targetBegins);
        Map<TopicPartition, Range> beyond = new HashMap<>();
        Map<TopicPartition, Range> extents = source.extents(source.present(partitions));
        tails.forEach((key, mirrored) -> {
            Range extent = extents.get(VisibleRecords.kafkas(key));
            if (extent != null) {
                beyond.put(
                        VisibleRecords.kafkas(key),
                        new Range(
                                Math.max(
                                        extent.from(),
                                        Math.max(mirrored.sourceEnd(), sourceBegins.getOrDefault(key, 0L))),
                                extent.to()));
            }
        });
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> next = source.first(beyond, (partition, record) -> true);
        SortedMap<PartitionKey, Long> through = new TreeMap<>();
        SortedMap<PartitionKey, Instant> missingSince = new TreeMap<>();
        beyond.forEach((partition, range) -> {
            PartitionKey key = new PartitionKey(partition.topic(), partition.partition());
            ConsumerRecord<byte[], byte[]> missing = next.get(partition);
            if (missing == null) {
                through.put(key, Math.max(range.from(), range.to()));
            } else {
                through.put(key, missing.offset());
                missingSince.put(key, Instant.ofEpochMilli(missing.timestamp()));
            }
        });
        SortedMap<PartitionKey, Ends> ends = new TreeMap<>();
        extents.forEach((partition, extent) -> {
            PartitionKey key = new PartitionKey(partition.topic(), partition.partition());
            ends.put(key, new Ends(extent.from(), extent.to(), tails.getOrDefault(key, Tail.NONE)));
        });
        return new Through(new OffsetVector(through), missingSince, ends, began);
    }

    /** As {@link MirrorTail#firstFrom}. */
    public synchronized SortedMap<PartitionKey, Long> firstFrom(Map<PartitionKey, Long> targetOffsets) {
        return tail.firstFrom(clusterId(), targetOffsets);
    }

    private Uuid clusterId() {
        if (sourceClusterId.isEmpty()) {
            try {
                sourceClusterId = Optional.of(Uuid.fromString(
                        KafkaAnswer.await(sourceAdmin.describeCluster().clusterId(), "cluster id of the source")));
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
        return sourceClusterId.get();
    }

    @Override
    public void close() {
        tail.close();
        source.close();
        sourceAdmin.close(Duration.ofSeconds(1));
    }
}
