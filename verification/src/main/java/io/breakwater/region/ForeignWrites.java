package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.VisibleRecords.Range;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * Finds records in a mirrored copy that no mirror wrote: they have no {@link ProvenanceStamp}. What was there at the
 * first look is left alone, because a region that was active before has records of its own. Not thread-safe.
 */
public final class ForeignWrites implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final VisibleRecords target;
    private final Map<TopicPartition, Long> seenTo = new HashMap<>();

    /** @param count of records without a stamp */
    public record Found(long firstOffset, long count) {}

    /** @param targetSettings client settings of the cluster that holds the copy */
    public ForeignWrites(Map<String, Object> targetSettings) {
        this.target = new VisibleRecords(targetSettings, LIMIT);
    }

    /**
     * Looks at what was written since the last look.
     *
     * @return partitions where something was found
     * @throws org.apache.kafka.common.KafkaException if the cluster does not answer
     */
    public SortedMap<PartitionKey, Found> look(Collection<PartitionKey> partitions) {
        Map<TopicPartition, Range> extents = target.extents(target.present(partitions));
        Map<TopicPartition, Range> unseen = new HashMap<>();
        extents.forEach((partition, extent) -> {
            long seen = seenTo.getOrDefault(partition, extent.to());
            // A copy that was made anew ends before the old one did.
            unseen.put(partition, new Range(seen > extent.to() ? extent.from() : seen, extent.to()));
        });
        SortedMap<PartitionKey, Found> found = new TreeMap<>();
        target.first(unseen, (partition, record) -> {
            if (ProvenanceStamp.of(record.headers()).isEmpty()) {
                found.merge(
                        new PartitionKey(partition.topic(), partition.partition()),
                        new Found(record.offset(), 1),
                        (first, next) -> new Found(first.firstOffset(), first.count() + next.count()));
            }
            return false;
        });
        extents.forEach((partition, extent) -> seenTo.put(partition, extent.to()));
        return found;
    }

    @Override
    public void close() {
        target.close();
    }
}
