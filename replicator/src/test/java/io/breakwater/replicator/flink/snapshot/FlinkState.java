package io.breakwater.replicator.flink.snapshot;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Collectors;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.connector.kafka.source.enumerator.AssignmentStatus;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumStateSerializer;
import org.apache.flink.connector.kafka.source.enumerator.SplitAndAssignmentStatus;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.checkpoint.metadata.MetadataSerializers;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.DefaultOperatorStateBackend;
import org.apache.flink.runtime.state.DefaultOperatorStateBackendBuilder;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.streaming.api.operators.util.SimpleVersionedListState;
import org.apache.kafka.common.TopicPartition;

/** State as Flink's own classes write and read it. */
public final class FlinkState {

    /** The number that all metadata has. */
    public static final int CHECKPOINT = 7;

    private static final int MAX_BYTES = 1 << 20;

    private FlinkState() {}

    public static KafkaPartitionSplit split(int partition, long offset) {
        return new KafkaPartitionSplit(new TopicPartition("in", partition), offset);
    }

    public static OperatorState operator(String uid, int parallelism) {
        return new OperatorState(uid, uid, OperatorID.fromJobVertexID(vertex(uid)), parallelism, 128);
    }

    private static JobVertexID vertex(String uid) {
        return new JobVertexID(uid.hashCode(), uid.length());
    }

    /** What a subtask's operator state backend writes. */
    public static OperatorStateHandle listStates(boolean compressed, Map<String, List<byte[]>> states)
            throws Exception {
        ExecutionConfig config = new ExecutionConfig();
        config.setUseSnapshotCompression(compressed);
        try (DefaultOperatorStateBackend backend = backend(config, List.of())) {
            for (Map.Entry<String, List<byte[]>> state : states.entrySet()) {
                backend.getListState(descriptor(state.getKey())).addAll(state.getValue());
            }
            RunnableFuture<SnapshotResult<OperatorStateHandle>> snapshot = backend.snapshot(
                    1,
                    1,
                    new MemCheckpointStreamFactory(MAX_BYTES),
                    CheckpointOptions.forCheckpointWithDefaultLocation());
            snapshot.run();
            return snapshot.get().getJobManagerOwnedSnapshot();
        }
    }

    /** The splits that a reader would be restored with. */
    static List<KafkaPartitionSplit> restoredSplits(OperatorStateHandle handle) throws Exception {
        try (DefaultOperatorStateBackend backend = backend(new ExecutionConfig(), List.of(handle))) {
            ListState<byte[]> state = backend.getListState(descriptor(KafkaSplits.READER_STATE));
            List<KafkaPartitionSplit> splits = new ArrayList<>();
            new SimpleVersionedListState<>(state, new KafkaPartitionSplitSerializer())
                    .get()
                    .forEach(splits::add);
            return splits;
        }
    }

    /** The elements of a list state that an operator would be restored with. */
    static List<byte[]> restored(OperatorStateHandle handle, String name) throws Exception {
        try (DefaultOperatorStateBackend backend = backend(new ExecutionConfig(), List.of(handle))) {
            List<byte[]> elements = new ArrayList<>();
            backend.getListState(descriptor(name)).get().forEach(elements::add);
            return elements;
        }
    }

    private static DefaultOperatorStateBackend backend(ExecutionConfig config, Collection<OperatorStateHandle> restore)
            throws Exception {
        return new DefaultOperatorStateBackendBuilder(
                        FlinkState.class.getClassLoader(), config, false, restore, new CloseableRegistry())
                .build();
    }

    private static ListStateDescriptor<byte[]> descriptor(String name) {
        return new ListStateDescriptor<>(name, BytePrimitiveArraySerializer.INSTANCE);
    }

    /** As a source reader puts it into its list state. */
    public static byte[] readerElement(KafkaPartitionSplit split) {
        try {
            return SimpleVersionedSerialization.writeVersionAndSerialize(new KafkaPartitionSplitSerializer(), split);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As SourceCoordinator writes it. */
    public static ByteStreamStateHandle coordinator(KafkaPartitionSplit... splits) throws IOException {
        Set<SplitAndAssignmentStatus> assigned = Arrays.stream(splits)
                .map(split -> new SplitAndAssignmentStatus(split, AssignmentStatus.ASSIGNED))
                .collect(Collectors.toSet());
        KafkaSourceEnumStateSerializer serializer = new KafkaSourceEnumStateSerializer();
        return coordinator(serializer.getVersion(), serializer.serialize(new KafkaSourceEnumState(assigned, true)));
    }

    static ByteStreamStateHandle coordinator(int enumeratorVersion, byte[] enumerator) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(1);
        out.writeInt(enumeratorVersion);
        out.writeInt(enumerator.length);
        out.write(enumerator);
        return new ByteStreamStateHandle("coordinator", bytes.toByteArray());
    }

    /** The topics that an enumerator would be restored with. */
    static List<String> restoredNames(ByteStreamStateHandle coordinator) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(coordinator.getData());
        int version = in.position(Integer.BYTES).getInt();
        byte[] enumerator = new byte[in.getInt()];
        in.get(enumerator);
        return new KafkaSourceEnumStateSerializer()
                .deserialize(version, enumerator).splits().stream()
                        .map(known -> known.split().getTopic())
                        .toList();
    }

    public static byte[] metadata(int version, OperatorState... operators) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Checkpoints.storeCheckpointMetadata(
                new CheckpointMetadata(
                        CHECKPOINT,
                        List.of(operators),
                        List.of(),
                        CheckpointProperties.forSavepoint(false, SavepointFormatType.NATIVE)),
                new DataOutputStream(bytes),
                MetadataSerializers.getSerializer(version));
        return bytes.toByteArray();
    }
}
