package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.SegmentTopic;
import io.breakwater.region.SegmentTranslator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * Positions of a group that has moved between its regions: searched in the segments that the controller wrote before it
 * let the flow run, with the source at hand for records that came from the standby itself. For one thread.
 */
public final class MovedPositions implements AutoCloseable {

    private final String group;
    private final Map<String, Object> target;
    private final SegmentTranslator translator;
    private @Nullable SegmentHistory history;

    /**
     * @param group the protection group
     * @param source client settings of the source cluster
     * @param target of the standby's
     */
    public MovedPositions(String group, Flow flow, Map<String, Object> source, Map<String, Object> target) {
        this.group = group;
        this.target = target;
        this.translator = new SegmentTranslator(flow, target, Optional.of(source));
    }

    /**
     * Empty if the group has never moved: then its partitions are as a whole what the flow carried.
     *
     * @throws org.apache.kafka.common.KafkaException if a cluster does not answer
     */
    Optional<SortedMap<PartitionKey, SortedMap<Long, Translation>>> search(
            Uuid sourceClusterId, Map<PartitionKey, SortedSet<Long>> positions) {
        SegmentHistory known = history;
        if (known == null) {
            known = SegmentTopic.read(target, group);
            history = known;
        }
        return known.segments().isEmpty()
                ? Optional.empty()
                : Optional.of(translator.search(known, Optional.of(sourceClusterId), Map.of(), positions));
    }

    @Override
    public void close() {
        translator.close();
    }
}
