package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import java.util.Map;
import java.util.Set;

/**
 * What is to change in a snapshot for another Kafka cluster. Operators are named by {@link OperatorSummary#id}.
 *
 * @param positions of each KafkaSource, by partitions of the source cluster, what they are on the target
 * @param topics the target's name of each topic of which it is another one
 * @param sink of each sink that {@code sinks} does not name
 * @param leave operators that stay as they are, although it is not known what they hold
 */
public record SnapshotRewrite(
        Map<String, OffsetVector> positions,
        Map<String, String> topics,
        SinkPolicy sink,
        Map<String, SinkPolicy> sinks,
        Set<String> leave) {

    public SnapshotRewrite {
        positions = Map.copyOf(positions);
        topics = Map.copyOf(topics);
        sinks = Map.copyOf(sinks);
        leave = Set.copyOf(leave);
    }

    /** Topics with the same names, one policy for all sinks. */
    public SnapshotRewrite(Map<String, OffsetVector> positions, SinkPolicy sink) {
        this(positions, Map.of(), sink, Map.of(), Set.of());
    }

    StateChange of(String operator) {
        if (leave.contains(operator)) {
            return StateChange.NONE;
        }
        return new PositionRewrite(
                positions.getOrDefault(operator, OffsetVector.EMPTY), topics, sinks.getOrDefault(operator, sink));
    }
}
