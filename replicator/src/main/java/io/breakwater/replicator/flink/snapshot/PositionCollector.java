package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/**
 * Reads a KafkaSource's positions and changes nothing. A reader's position counts before the enumerator's, which for
 * a partition in the hands of a reader is only where reading began. Negative offsets are markers (earliest, latest,
 * committed) of partitions not begun, and no positions.
 */
final class PositionCollector implements StateChange {

    private final Map<PartitionKey, Long> ofReaders = new HashMap<>();
    private final Map<PartitionKey, Long> ofEnumerator = new HashMap<>();
    private final SortedSet<String> topics = new TreeSet<>();

    OffsetVector positions() {
        return new OffsetVector(ofEnumerator).with(new OffsetVector(ofReaders));
    }

    SortedSet<String> topics() {
        return topics;
    }

    @Override
    public boolean touches(String state) {
        return state.equals(KafkaSplits.READER_STATE);
    }

    @Override
    public Optional<byte[]> element(String state, byte[] element) {
        if (touches(state)) {
            put(ofReaders, KafkaSplits.parse(element));
        }
        return Optional.of(element);
    }

    @Override
    public byte[] coordinator(byte[] state) {
        EnumeratorState.parse(state)
                .changed(
                        split -> {
                            put(ofEnumerator, split);
                            return split;
                        },
                        topic -> {
                            topics.add(topic);
                            return topic;
                        });
        return state;
    }

    private void put(Map<PartitionKey, Long> positions, KafkaPartitionSplit split) {
        topics.add(split.getTopic());
        if (split.getStoppingOffset().filter(offset -> offset >= 0).isPresent()) {
            throw new UnsupportedSnapshotException("partition " + split.getTopicPartition() + " is read up to offset "
                    + split.getStoppingOffset().get() + ": bounded sources cannot be carried to another cluster");
        }
        if (split.getStartingOffset() >= 0) {
            positions.put(KafkaSplits.partition(split), split.getStartingOffset());
        }
    }
}
