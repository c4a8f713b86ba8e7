package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.VisibleRecords.Range;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/** Counts the records of a cluster that a read_committed consumer sees, by reading them. Not thread-safe. */
public final class RecordCount implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final VisibleRecords records;

    /** @param settings client settings of the cluster */
    public RecordCount(Map<String, Object> settings) {
        records = new VisibleRecords(settings, LIMIT);
    }

    /**
     * @param from inclusive
     * @param split records from here on are counted apart, too
     * @param to exclusive
     */
    public record Stretch(long from, long split, long to) {}

    /** @param fromSplit those of {@code all} at or past the split */
    public record Counted(long all, long fromSplit) {}

    /**
     * One entry for each stretch; 0 of a partition that the cluster does not have.
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster does not answer
     */
    public SortedMap<PartitionKey, Counted> count(Map<PartitionKey, Stretch> stretches) {
        SortedMap<PartitionKey, Counted> counted = new TreeMap<>();
        stretches.keySet().forEach(partition -> counted.put(partition, new Counted(0, 0)));
        Map<TopicPartition, Range> ranges = new HashMap<>();
        records.extents(records.present(stretches.keySet())).forEach((partition, extent) -> {
            Stretch stretch = stretches.get(VisibleRecords.key(partition));
            if (stretch != null) {
                ranges.put(
                        partition,
                        new Range(Math.max(extent.from(), stretch.from()), Math.min(extent.to(), stretch.to())));
            }
        });
        records.first(ranges, (partition, record) -> {
            PartitionKey key = VisibleRecords.key(partition);
            Stretch stretch = stretches.get(key);
            boolean pastSplit = stretch != null && record.offset() >= stretch.split();
            counted.merge(
                    key,
                    new Counted(1, pastSplit ? 1 : 0),
                    (a, b) -> new Counted(a.all() + b.all(), a.fromSplit() + b.fromSplit()));
            return false;
        });
        return counted;
    }

    @Override
    public void close() {
        records.close();
    }
}
