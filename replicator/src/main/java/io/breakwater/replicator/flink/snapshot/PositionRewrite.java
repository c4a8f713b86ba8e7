package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.TopicPartition;

/**
 * Puts translated positions into a KafkaSource's readers and enumerator, and treats the sinks by policy. Both source
 * places must agree: a partition that the enumerator does not know counts as newly discovered, and is read from its
 * beginning.
 */
final class PositionRewrite implements StateChange {

    /** What a committer of SinkV2 still has to commit. */
    static final String COMMITTER_STATE = "streaming_committer_raw_states";

    /** A SinkV2 writer's own state. */
    static final String WRITER_STATE = "writer_raw_states";

    private static final Set<String> SINK_STATES = Set.of(COMMITTER_STATE, WRITER_STATE);

    /**
     * List states that hold positions, files or transactions of the source region in forms that are not understood
     * here: of FlinkKafkaConsumer, of TwoPhaseCommitSinkFunction and with it FlinkKafkaProducer, of StreamingFileSink,
     * of Iceberg's sink, and of global committers of the first Sink interface, as Delta's sink has one.
     */
    private static final Map<String, String> FOREIGN_STATES = Map.of(
            "topic-partition-offset-states", "a FlinkKafkaConsumer; this release knows KafkaSource",
            "next-transactional-id-hint-v2", "a FlinkKafkaProducer; this release knows KafkaSink",
            "next-transactional-id-hint", "a FlinkKafkaProducer; this release knows KafkaSink",
            "bucket-states", "a StreamingFileSink; its files of the source region would be missing",
            "iceberg-files-committer-state", "Iceberg's committer; its table is another one on the target",
            "streaming_global_committer_raw_states", "a sink with a global committer; its table is another one");

    private final OffsetVector translated;
    private final Map<String, String> topics;
    private final SinkPolicy sink;

    /**
     * @param translated for this operator, a position on the target for each partition that it has begun to read
     * @param topics the target's names of topics that have another one there
     */
    PositionRewrite(OffsetVector translated, Map<String, String> topics, SinkPolicy sink) {
        this.translated = translated;
        this.topics = topics;
        this.sink = sink;
    }

    @Override
    public void check(OperatorContent operator) {
        FOREIGN_STATES.forEach((state, what) -> {
            if (operator.listStates().getOrDefault(state, 0) > 0) {
                throw new UnsupportedSnapshotException("its list state '" + state + "' is of " + what);
            }
        });
        if (operator.coordinated() && !operator.isSource()) {
            throw new UnsupportedSnapshotException("it is no source and has a coordinator, with a state that is not"
                    + " known: leave it as it is only if nothing of the source region is in it");
        }
        if (sink == SinkPolicy.REFUSE) {
            for (String state : SINK_STATES) {
                int elements = operator.listStates().getOrDefault(state, 0);
                if (elements > 0) {
                    throw new UnsupportedSnapshotException("it is a sink with " + elements + " elements of '" + state
                            + "', and the policy is to refuse them: choose " + SinkPolicy.DROP_WITH_NEW_PREFIX + " or "
                            + SinkPolicy.KEEP);
                }
            }
        }
    }

    @Override
    public boolean touches(String state) {
        return state.equals(KafkaSplits.READER_STATE) || drops(state);
    }

    private boolean drops(String state) {
        return sink == SinkPolicy.DROP_WITH_NEW_PREFIX && SINK_STATES.contains(state);
    }

    @Override
    public Optional<byte[]> element(String state, byte[] element) {
        if (state.equals(KafkaSplits.READER_STATE)) {
            return Optional.of(KafkaSplits.toElement(moved(KafkaSplits.parse(element))));
        }
        return drops(state) ? Optional.empty() : Optional.of(element);
    }

    @Override
    public byte[] coordinator(byte[] state) {
        return EnumeratorState.parse(state).changed(this::moved, topic -> topics.getOrDefault(topic, topic));
    }

    private KafkaPartitionSplit moved(KafkaPartitionSplit split) {
        TopicPartition named =
                new TopicPartition(topics.getOrDefault(split.getTopic(), split.getTopic()), split.getPartition());
        long stop = split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET);
        if (split.getStartingOffset() < 0) {
            return new KafkaPartitionSplit(named, split.getStartingOffset(), stop);
        }
        long position = translated
                .end(KafkaSplits.partition(split))
                .orElseThrow(() -> new UnsupportedSnapshotException("no translated position for partition "
                        + split.getTopicPartition() + " at offset " + split.getStartingOffset()));
        return new KafkaPartitionSplit(named, position, stop);
    }
}
