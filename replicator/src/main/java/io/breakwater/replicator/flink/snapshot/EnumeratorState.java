package io.breakwater.replicator.flink.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumStateSerializer;
import org.apache.flink.connector.kafka.source.enumerator.SplitAndAssignmentStatus;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;

/**
 * The state of a KafkaSource's coordinator: source coordinator version, enumerator version, length, each 4 bytes, then
 * the enumerator's bytes. Enumerator version 3 (connector 5.0) holds splits with offsets. 1 and 2 (connectors up to 4.0)
 * only name partitions: their number (4 bytes), of each the topic (modified UTF-8), the partition (4) and in version 2
 * the assignment status (4); in version 2 a flag (1) follows. Source: KafkaSourceEnumStateSerializer.
 */
final class EnumeratorState {

    private static final int COORDINATOR_VERSION = 1;
    private static final int NAMES = 1;
    private static final int NAMES_AND_STATUS = 2;
    private static final int SPLITS = 3;

    private final int version;
    private final byte[] enumerator;
    private final byte[] rest;

    private EnumeratorState(int version, byte[] enumerator, byte[] rest) {
        this.version = version;
        this.enumerator = enumerator;
        this.rest = rest;
    }

    int version() {
        return version;
    }

    /** @param coordinator the coordinator's whole state */
    static EnumeratorState parse(byte[] coordinator) {
        try {
            ByteBuffer in = ByteBuffer.wrap(coordinator);
            int coordinatorVersion = in.getInt();
            if (coordinatorVersion != COORDINATOR_VERSION) {
                throw new UnsupportedSnapshotException("source coordinator state of version " + coordinatorVersion
                        + "; this release knows version " + COORDINATOR_VERSION);
            }
            int version = in.getInt();
            byte[] enumerator = new byte[in.getInt()];
            in.get(enumerator);
            byte[] rest = new byte[in.remaining()];
            in.get(rest);
            return new EnumeratorState(version, enumerator, rest);
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw new UnsupportedSnapshotException(
                    "source coordinator state of " + coordinator.length + " bytes cannot be read: " + e, e);
        }
    }

    /** The coordinator's state with the changes applied to each split, or, where there are only names, to each name. */
    byte[] changed(UnaryOperator<KafkaPartitionSplit> change, UnaryOperator<String> topic) {
        byte[] changed;
        try {
            changed = version == SPLITS ? splits(enumerator, change) : names(version, enumerator, topic);
        } catch (IOException e) {
            throw new UnsupportedSnapshotException(
                    "Kafka enumerator state of " + enumerator.length + " bytes cannot be read: " + e, e);
        }
        return ByteBuffer.allocate(3 * Integer.BYTES + changed.length + rest.length)
                .putInt(COORDINATOR_VERSION)
                .putInt(version)
                .putInt(changed.length)
                .put(changed)
                .put(rest)
                .array();
    }

    private static byte[] splits(byte[] enumerator, UnaryOperator<KafkaPartitionSplit> change) throws IOException {
        KafkaSourceEnumStateSerializer serializer = new KafkaSourceEnumStateSerializer();
        KafkaSourceEnumState state = serializer.deserialize(SPLITS, enumerator);
        // In a fixed order, so that the same snapshot is rewritten to the same bytes each time.
        Set<SplitAndAssignmentStatus> splits = new LinkedHashSet<>();
        state.splits().stream()
                .sorted(Comparator.comparing((SplitAndAssignmentStatus known) ->
                                known.split().getTopic())
                        .thenComparing(known -> known.split().getPartition()))
                .forEach(known -> splits.add(
                        new SplitAndAssignmentStatus(change.apply(known.split()), known.assignmentStatus())));
        return serializer.serialize(new KafkaSourceEnumState(splits, state.initialDiscoveryFinished()));
    }

    private static byte[] names(int version, byte[] enumerator, UnaryOperator<String> topic) throws IOException {
        if (version != NAMES && version != NAMES_AND_STATUS) {
            throw new UnsupportedSnapshotException(
                    "Kafka enumerator state of version " + version + "; this release knows " + NAMES + " to " + SPLITS);
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(enumerator));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        int partitions = in.readInt();
        out.writeInt(partitions);
        for (int i = 0; i < partitions; i++) {
            out.writeUTF(topic.apply(in.readUTF()));
            out.writeInt(in.readInt());
            if (version == NAMES_AND_STATUS) {
                out.writeInt(in.readInt());
            }
        }
        out.write(in.readAllBytes());
        return bytes.toByteArray();
    }
}
