package io.breakwater.region;

import io.breakwater.region.VisibleRecords.Range;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * Where the stamps of a source begin, in partitions whose oldest records have none because the stamp was switched on
 * later. The search halves the partition, so it relies on this: from the first stamp on, all records have one. Where
 * that is not so, for example because the cluster was written to by its own clients since, nothing may be found, or a
 * later stamp than the first; never a record without one.
 */
final class FirstStamps {

    /** A stretch of this many offsets is read through instead of being halved further. */
    private static final int STRETCH = 512;

    private final Uuid sourceClusterId;
    private final VisibleRecords target;
    private final Map<TopicPartition, Range> between = new HashMap<>();
    private final Map<TopicPartition, ConsumerRecord<byte[], byte[]>> found = new HashMap<>();

    private FirstStamps(Uuid sourceClusterId, VisibleRecords target) {
        this.sourceClusterId = sourceClusterId;
        this.target = target;
    }

    /**
     * @param extents of the partitions to look at, all of them
     * @return the first stamped record of each partition in which one was found
     */
    static Map<TopicPartition, ConsumerRecord<byte[], byte[]>> of(
            Uuid sourceClusterId, VisibleRecords target, Map<TopicPartition, Range> extents) {
        FirstStamps search = new FirstStamps(sourceClusterId, target);
        search.between.putAll(extents);
        boolean more = true;
        while (more) {
            // Each round halves what is left of every partition: at most 63 rounds.
            more = search.halve();
        }
        search.found.putAll(target.first(search.between, (partition, record) -> search.isStamped(record)));
        return search.found;
    }

    /** @return whether there is more to halve */
    private boolean halve() {
        Map<TopicPartition, Range> probes = new HashMap<>();
        between.forEach((partition, range) -> {
            if (range.to() - range.from() > STRETCH) {
                probes.put(partition, new Range((range.from() + range.to()) >>> 1, range.to()));
            }
        });
        if (probes.isEmpty()) {
            return false;
        }
        // Stamps are read while scanning, so that one that cannot be read fails where its place is known.
        Map<TopicPartition, Boolean> stamped = new HashMap<>();
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> met = target.first(probes, (partition, record) -> {
            stamped.put(partition, isStamped(record));
            return true;
        });
        probes.forEach((partition, probe) -> {
            Range whole = Objects.requireNonNull(between.get(partition));
            ConsumerRecord<byte[], byte[]> record = met.get(partition);
            if (record != null && !stamped.getOrDefault(partition, false)) {
                between.put(partition, new Range(record.offset() + 1, whole.to()));
            } else {
                between.put(partition, new Range(whole.from(), probe.from()));
                if (record != null) {
                    found.put(partition, record);
                }
            }
        });
        return true;
    }

    private boolean isStamped(ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers())
                .filter(stamp -> stamp.clusterId().equals(sourceClusterId))
                .isPresent();
    }
}
