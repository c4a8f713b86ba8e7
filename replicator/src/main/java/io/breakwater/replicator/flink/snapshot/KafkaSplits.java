package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;

/**
 * The splits of a KafkaSource in its readers' list state {@link #READER_STATE}. Where else it keeps positions:
 * {@link EnumeratorState}.
 */
final class KafkaSplits {

    static final String READER_STATE = "SourceReaderState";

    private KafkaSplits() {}

    static PartitionKey partition(KafkaPartitionSplit split) {
        return new PartitionKey(split.getTopic(), split.getPartition());
    }

    static KafkaPartitionSplit parse(byte[] element) {
        VersionedBytes versioned = VersionedBytes.parse(element);
        try {
            KafkaPartitionSplit split =
                    new KafkaPartitionSplitSerializer().deserialize(versioned.version(), versioned.payload());
            if (!Arrays.equals(element, toElement(split))) {
                throw new UnsupportedSnapshotException("a split in it is not in the form of Kafka's source");
            }
            return split;
        } catch (IOException | RuntimeException e) {
            throw new UnsupportedSnapshotException(
                    "it is a source, but not Kafka's (or of an unknown version): " + e, e);
        }
    }

    static byte[] toElement(KafkaPartitionSplit split) {
        try {
            KafkaPartitionSplitSerializer serializer = new KafkaPartitionSplitSerializer();
            return new VersionedBytes(serializer.getVersion(), serializer.serialize(split)).toElement();
        } catch (IOException e) {
            throw new UnsupportedSnapshotException("split " + split + " cannot be written", e);
        }
    }
}
