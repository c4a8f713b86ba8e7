package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/**
 * Puts translated positions into a KafkaSource's readers and enumerator, and treats the sinks by policy. Both source
 * places must agree: a partition that the enumerator does not know counts as newly discovered, and is read from its
 * beginning.
 */
final class PositionRewrite implements StateChange {

    /** List states of SinkV2: what a committer still has to commit, and a writer's own state. */
    private static final Set<String> SINK_STATES = Set.of("streaming_committer_raw_states", "writer_raw_states");

    private final OffsetVector translated;
    private final SinkPolicy sink;

    /** @param translated for this operator, a position on the target for each partition that it has begun to read */
    PositionRewrite(OffsetVector translated, SinkPolicy sink) {
        this.translated = translated;
        this.sink = sink;
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
        return KafkaSplits.changeEnumerator(state, this::moved);
    }

    private KafkaPartitionSplit moved(KafkaPartitionSplit split) {
        if (split.getStartingOffset() < 0) {
            return split;
        }
        long position = translated
                .end(KafkaSplits.partition(split))
                .orElseThrow(() -> new UnsupportedSnapshotException("no translated position for partition "
                        + split.getTopicPartition() + " at offset " + split.getStartingOffset()));
        return new KafkaPartitionSplit(
                split.getTopicPartition(),
                position,
                split.getStoppingOffset().orElse(KafkaPartitionSplit.NO_STOPPING_OFFSET));
    }
}
