package io.breakwater.region;

import io.breakwater.platform.Flow;
import io.breakwater.platform.Segment;
import io.breakwater.platform.SegmentHistory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * The segments of flows between two clusters as the clusters themselves hold them, in their {@link SegmentTopic}: for
 * whoever has no controller to ask. Each cluster has what was known when the newest flow that writes to it began. That
 * is enough for positions of that flow: what the target's own clients wrote since lies behind it. Not thread-safe.
 */
public final class PublishedSegments {

    /** One group's history, and the flow from the one cluster to the other in its words. */
    public record Way(SegmentHistory history, Flow flow) {}

    private final List<Way> ways = new ArrayList<>();
    private final Map<String, Optional<Way>> byTopic = new HashMap<>();

    private PublishedSegments() {}

    /**
     * @param target settings of a client of the cluster that positions are translated for
     * @param source of the one that they are of, if it lives: it knows more if the flow was turned round since
     * @throws org.apache.kafka.common.KafkaException if a cluster does not answer, or does not let its segments be read
     */
    public static PublishedSegments read(
            Map<String, Object> target, Optional<Map<String, Object>> source, Uuid sourceClusterId) {
        PublishedSegments published = new PublishedSegments();
        Map<String, SegmentHistory> there = source.map(SegmentTopic::readAll).orElseGet(TreeMap::new);
        SegmentTopic.readAll(target).forEach((group, history) -> {
            SegmentHistory other = there.getOrDefault(group, SegmentHistory.NONE);
            // It is only newer if it is of the flow back: then the last one that it knows came from the target.
            Optional<Flow> back = other.last().map(Segment::flow).map(Flow::reversed);
            boolean newer = other.epoch().compareTo(history.epoch()) > 0;
            (newer ? back : history.last().map(Segment::flow))
                    .map(flow -> new Way(newer ? other : history, flow))
                    .filter(way -> comesFrom(way, sourceClusterId))
                    .ifPresent(published.ways::add);
        });
        return published;
    }

    /** Whether the flow is of that source, as far as its segments say. */
    private static boolean comesFrom(Way way, Uuid sourceClusterId) {
        return way.history().segments().stream()
                .filter(segment -> segment.flow().equals(way.flow()))
                .flatMap(segment -> segment.sourceClusterId().stream())
                .allMatch(sourceClusterId.toString()::equals);
    }

    /** Empty for a topic that no group's segments are about: it was mirrored one way only, as a whole. */
    public Optional<Way> of(String topic) {
        return byTopic.computeIfAbsent(
                topic, t -> ways.stream().filter(way -> way.history().knows(t)).findFirst());
    }
}
