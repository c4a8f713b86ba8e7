package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumStateSerializer;
import org.apache.flink.connector.kafka.source.enumerator.SplitAndAssignmentStatus;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;

/**
 * Where a KafkaSource keeps positions: its readers' list state {@link #READER_STATE}, and the state of its
 * coordinator (source coordinator version, enumerator version, length, each 4 bytes, then the enumerator's bytes).
 * Enumerator version 3 (connector 5.0) holds splits with offsets; 0 to 2 (connectors up to 4.0) only name partitions.
 */
final class KafkaSplits {

    static final String READER_STATE = "SourceReaderState";

    private static final int FIRST_ENUMERATOR_WITH_OFFSETS = 3;
    private static final int COORDINATOR_VERSION = 1;

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

    /** Applies the change to each split in a coordinator's state; one without offsets comes back as it is. */
    static byte[] changeEnumerator(byte[] coordinator, UnaryOperator<KafkaPartitionSplit> change) {
        try {
            ByteBuffer in = ByteBuffer.wrap(coordinator);
            int coordinatorVersion = in.getInt();
            if (coordinatorVersion != COORDINATOR_VERSION) {
                throw new UnsupportedSnapshotException("source coordinator state of version " + coordinatorVersion
                        + "; this release knows version " + COORDINATOR_VERSION);
            }
            int enumeratorVersion = in.getInt();
            byte[] enumerator = new byte[in.getInt()];
            in.get(enumerator);
            if (enumeratorVersion < FIRST_ENUMERATOR_WITH_OFFSETS) {
                return coordinator;
            }
            byte[] changed = change(enumeratorVersion, enumerator, change);
            return ByteBuffer.allocate(3 * Integer.BYTES + changed.length + in.remaining())
                    .putInt(coordinatorVersion)
                    .putInt(enumeratorVersion)
                    .putInt(changed.length)
                    .put(changed)
                    .put(in)
                    .array();
        } catch (BufferUnderflowException | NegativeArraySizeException | IOException e) {
            throw new UnsupportedSnapshotException(
                    "source coordinator state of " + coordinator.length + " bytes cannot be read: " + e, e);
        }
    }

    private static byte[] change(int version, byte[] enumerator, UnaryOperator<KafkaPartitionSplit> change)
            throws IOException {
        KafkaSourceEnumStateSerializer serializer = new KafkaSourceEnumStateSerializer();
        if (version != serializer.getVersion()) {
            throw new UnsupportedSnapshotException("Kafka enumerator state of version " + version
                    + "; this release knows up to " + serializer.getVersion());
        }
        KafkaSourceEnumState state = serializer.deserialize(version, enumerator);
        Set<SplitAndAssignmentStatus> splits = new HashSet<>();
        state.splits()
                .forEach(known -> splits.add(
                        new SplitAndAssignmentStatus(change.apply(known.split()), known.assignmentStatus())));
        return serializer.serialize(new KafkaSourceEnumState(splits, state.initialDiscoveryFinished()));
    }
}
