package io.breakwater.replicator.flink.snapshot;

import static io.breakwater.replicator.flink.snapshot.FlinkState.coordinator;
import static io.breakwater.replicator.flink.snapshot.FlinkState.listStates;
import static io.breakwater.replicator.flink.snapshot.FlinkState.metadata;
import static io.breakwater.replicator.flink.snapshot.FlinkState.operator;
import static io.breakwater.replicator.flink.snapshot.FlinkState.readerElement;
import static io.breakwater.replicator.flink.snapshot.FlinkState.split;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.SnapshotFile.Extent;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filemerging.DirectoryStreamStateHandle;
import org.apache.flink.runtime.state.filemerging.EmptyFileMergingOperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://flink-east/savepoints/savepoint-1");
    private static final ObjectUri WEST = ObjectUri.parse("s3://flink-west/breakwater/flights/job/1");
    private static final String WRITER = "writer_raw_states";
    private static final String COMMITTER = "streaming_committer_raw_states";

    private final Map<ObjectUri, byte[]> files = new HashMap<>();

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6})
    void rewritesReadersAndEnumeratorAndKeepsTheFormatVersion(int version) throws Exception {
        OperatorState source = source(split(0, 100), split(1, 200));
        source.setCoordinatorState(coordinator(split(0, -2), split(1, 5), split(2, 300)));
        Snapshot snapshot = open(metadata(version, source));

        byte[] rewritten = snapshot.rewritten(WEST, Map.of(id(source), vector(1100, 1200, 1300)), SinkPolicy.KEEP);

        assertThat(snapshot.kafkaSources())
                .singleElement()
                .satisfies(operator -> assertThat(operator.positions()).isEqualTo(vector(100, 200, 300)));
        Snapshot west = Snapshot.open(WEST, rewritten, this::read);
        assertThat(west.formatVersion()).isEqualTo(version);
        assertThat(west.checkpointId()).isEqualTo(7);
        assertThat(west.kafkaSources().get(0).positions()).isEqualTo(vector(1100, 1200, 1300));
        assertThat(FlinkState.restoredSplits(managedState(rewritten)))
                .containsExactlyInAnyOrder(split(0, 1100), split(1, 1200));
        // -2 means "from the earliest": a marker, no position. Partition 1 must not be taken for newly discovered.
        assertThat(enumeratorSplits(rewritten)).containsExactlyInAnyOrder(split(0, -2), split(1, 1200), split(2, 1300));
    }

    @Test
    void leavesOtherListStatesOfTheOperatorAsTheyAre() throws Exception {
        Map<String, List<byte[]>> states = new LinkedHashMap<>();
        states.put("before", List.of("a".getBytes(UTF_8), "bb".getBytes(UTF_8)));
        states.put(KafkaSplits.READER_STATE, List.of(readerElement(split(0, 100)), readerElement(split(1, 7))));
        states.put("z-after", List.of("ccc".getBytes(UTF_8)));
        OperatorState source = with(listStates(false, states));

        byte[] rewritten = open(metadata(6, source))
                .rewritten(WEST, Map.of(id(source), vector(5_000_000_000L, 9)), SinkPolicy.KEEP);

        OperatorStateHandle handle = managedState(rewritten);
        assertThat(FlinkState.restoredSplits(handle)).containsExactly(split(0, 5_000_000_000L), split(1, 9));
        assertThat(FlinkState.restored(handle, "before")).containsExactlyElementsOf(states.get("before"));
        assertThat(FlinkState.restored(handle, "z-after")).containsExactlyElementsOf(states.get("z-after"));
    }

    @Test
    void readsReaderStateFromAFileBesideTheMetadata() throws Exception {
        OperatorStateHandle inline =
                listStates(false, Map.of(KafkaSplits.READER_STATE, List.of(readerElement(split(0, 42)))));
        byte[] content = inline.asBytesIfInMemory().orElseThrow();
        files.put(EAST.resolve("state-file"), content);
        OperatorState source = with(new OperatorStreamStateHandle(
                inline.getStateNameToPartitionOffsets(),
                new RelativeFileStateHandle(new Path(EAST.toString(), "state-file"), "state-file", content.length)));
        Snapshot snapshot = open(metadata(6, source));

        assertThat(snapshot.kafkaSources().get(0).positions()).isEqualTo(vector(42));
        assertThat(snapshot.files())
                .containsExactly(new SnapshotFile(
                        EAST.resolve("state-file"), "state-file", content.length, Extent.WHOLE, false));
        assertThat(managedState(snapshot.rewritten(WEST, Map.of(id(source), vector(77)), SinkPolicy.KEEP)))
                .satisfies(
                        handle -> assertThat(FlinkState.restoredSplits(handle)).containsExactly(split(0, 77)));
        files.clear();
        assertThatThrownBy(snapshot::kafkaSources)
                .hasMessageContaining("operator flights")
                .hasMessageContaining("missing");
    }

    @Test
    void dropsSinkStateByPolicyOnly() throws Exception {
        OperatorState sink = operator("sink", 1);
        sink.putState(0, subtask(listStates(false, Map.of(WRITER, bytes("w1", "w2"), COMMITTER, bytes("c")))));
        Snapshot snapshot = open(metadata(6, sink));

        OperatorStateHandle dropped = managedState(snapshot.rewritten(WEST, Map.of(), SinkPolicy.DROP_WITH_NEW_PREFIX));
        OperatorStateHandle kept = managedState(snapshot.rewritten(WEST, Map.of(), SinkPolicy.KEEP));

        assertThat(FlinkState.restored(dropped, WRITER)).isEmpty();
        assertThat(FlinkState.restored(dropped, COMMITTER)).isEmpty();
        assertThat(FlinkState.restored(kept, WRITER)).containsExactlyElementsOf(bytes("w1", "w2"));
    }

    @Test
    void makesAnIncrementalCheckpointSelfContained() throws Exception {
        OperatorState keyed = operator("keyed", 1);
        keyed.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedKeyedState(incremental())
                        .build());

        byte[] rewritten = open(metadata(6, keyed)).rewritten(WEST, Map.of(), SinkPolicy.KEEP);

        assertThat(open(metadata(6, keyed)).files())
                .extracting(SnapshotFile::name, SnapshotFile::size)
                .containsExactlyInAnyOrder(tuple("sst", 10L), tuple("1-sst", 30L));
        assertThat(Snapshot.open(WEST, rewritten, this::read).files())
                .extracting(SnapshotFile::source)
                .containsExactlyInAnyOrder(WEST.resolve("sst"), WEST.resolve("1-sst"));
    }

    @Test
    void leavesAnEnumeratorWithoutOffsetsAsItIs() throws Exception {
        OperatorState source = source(split(0, 100));
        source.setCoordinatorState(coordinator(2, names("in")));

        byte[] rewritten = open(metadata(5, source)).rewritten(WEST, Map.of(id(source), vector(1)), SinkPolicy.KEEP);

        OperatorState west = MetadataFormat.read(rewritten)
                .metadata()
                .getOperatorStates()
                .iterator()
                .next();
        assertThat(west.getCoordinatorState().getData())
                .isEqualTo(source.getCoordinatorState().getData());
        assertThat(FlinkState.restoredSplits(managedState(rewritten))).containsExactly(split(0, 1));
    }

    @Test
    void renamesTopicsInReadersAndInEachFormOfTheEnumerator() throws Exception {
        OperatorState withOffsets = source(split(0, 100));
        withOffsets.setCoordinatorState(coordinator(split(0, 5), split(1, -2)));
        OperatorState withNames = source(split(0, 100));
        withNames.setCoordinatorState(coordinator(2, names("in", "other")));
        SnapshotRewrite renamed = new SnapshotRewrite(
                Map.of(id(withOffsets), vector(7)), Map.of("in", "east.in"), SinkPolicy.KEEP, Map.of(), Set.of());

        byte[] splits = open(metadata(6, withOffsets)).rewritten(WEST, renamed);
        byte[] names = open(metadata(5, withNames)).rewritten(WEST, renamed);

        assertThat(FlinkState.restoredSplits(managedState(splits))).containsExactly(named("east.in", 0, 7));
        assertThat(enumeratorSplits(splits)).containsExactlyInAnyOrder(named("east.in", 0, 7), named("east.in", 1, -2));
        assertThat(FlinkState.restoredSplits(managedState(names))).containsExactly(named("east.in", 0, 7));
        assertThat(FlinkState.restoredNames(onlyOperator(names).getCoordinatorState()))
                .containsExactlyInAnyOrder("east.in", "other");
        assertThat(open(metadata(5, withNames)).kafkaSources().get(0).topics()).containsExactly("in", "other");
    }

    @Test
    void rewritesTheSameSnapshotToTheSameBytes() throws Exception {
        OperatorState source = source(split(0, 1), split(1, 1), split(2, 1));
        source.setCoordinatorState(coordinator(split(2, 1), split(0, 1), split(1, 1)));
        byte[] metadata = metadata(6, source);

        byte[] once = open(metadata).rewritten(WEST, Map.of(id(source), vector(7, 8, 9)), SinkPolicy.KEEP);
        byte[] again = open(metadata).rewritten(WEST, Map.of(id(source), vector(7, 8, 9)), SinkPolicy.KEEP);

        assertThat(again).isEqualTo(once);
    }

    @Test
    void leavesOutListStateThatHasNoBytesInMergedFiles() throws Exception {
        Path directory = new Path("s3://flink-east/checkpoints/job/taskowned");
        OperatorState merged = with(EmptyFileMergingOperatorStreamStateHandle.create(
                DirectoryStreamStateHandle.of(directory), DirectoryStreamStateHandle.of(directory)));

        byte[] relocated = open(metadata(6, merged)).relocated(WEST);

        assertThat(onlyOperator(relocated).getState(0).getManagedOperatorState())
                .isEmpty();
    }

    @Test
    void relocatesWhatItDoesNotUnderstand() throws Exception {
        OperatorState foreign = operator("foreign", 1);
        foreign.setCoordinatorState(new ByteStreamStateHandle("coordinator", new byte[] {9, 9}));
        foreign.putState(0, subtask(listStates(false, Map.of("bucket-states", bytes("b")))));

        byte[] relocated = open(metadata(6, foreign)).relocated(WEST);

        assertThat(FlinkState.restored(managedState(relocated), "bucket-states"))
                .containsExactlyElementsOf(bytes("b"));
        assertThat(onlyOperator(relocated).getCoordinatorState().getData()).containsExactly(9, 9);
    }

    @Test
    void summarizesOperatorsWithAndWithoutUid() throws Exception {
        OperatorState source = source(split(0, 100), split(1, 200));
        source.setCoordinatorState(coordinator(2, names("in")));
        OperatorState nameless = new OperatorState(null, null, operator("n", 1).getOperatorID(), 2, 64);
        nameless.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedKeyedState(incremental())
                        .build());
        nameless.putState(1, OperatorSubtaskState.builder().build());

        List<OperatorSummary> operators = open(metadata(6, source, nameless)).operators();

        assertThat(operators).hasSize(2);
        assertThat(operators.get(0).uid()).contains("flights");
        assertThat(operators.get(0).kafkaPositions()).contains(vector(100, 200));
        assertThat(operators.get(0).enumeratorVersion()).hasValue(2);
        assertThat(operators.get(0).listStates()).containsEntry(KafkaSplits.READER_STATE, 2);
        assertThat(operators.get(1).uid()).isEmpty();
        assertThat(operators.get(1).label()).isEqualTo(id(nameless));
        assertThat(operators.get(1).handles()).containsExactly("incremental/inline");
        assertThat(operators.get(1).files()).hasSize(2);
        assertThat(operators)
                .allSatisfy(operator -> assertThat(operator.refusal()).isEmpty());
    }

    private Snapshot open(byte[] metadata) {
        return Snapshot.open(EAST, metadata, this::read);
    }

    private Optional<byte[]> read(ObjectUri file, long offset, int length) {
        return Optional.ofNullable(files.get(file))
                .map(bytes -> Arrays.copyOfRange(bytes, (int) offset, (int) offset + length));
    }

    private static OperatorState source(KafkaPartitionSplit... splits) throws Exception {
        List<byte[]> elements =
                Arrays.stream(splits).map(FlinkState::readerElement).toList();
        return with(listStates(false, Map.of(KafkaSplits.READER_STATE, elements)));
    }

    private static OperatorState with(OperatorStateHandle handle) {
        OperatorState operator = operator("flights", 1);
        operator.putState(0, subtask(handle));
        return operator;
    }

    private static OperatorSubtaskState subtask(OperatorStateHandle handle) {
        return OperatorSubtaskState.builder().setManagedOperatorState(handle).build();
    }

    private static KafkaPartitionSplit named(String topic, int partition, long offset) {
        return new KafkaPartitionSplit(new TopicPartition(topic, partition), offset);
    }

    /** An enumerator's state as connectors 3.2 to 4.0 write it. */
    private static byte[] names(String... topics) throws IOException {
        ByteArrayOutputStream version2 = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(version2);
        out.writeInt(topics.length);
        for (String topic : topics) {
            out.writeUTF(topic);
            out.writeInt(0);
            out.writeInt(0);
        }
        out.writeBoolean(true);
        return version2.toByteArray();
    }

    private static OperatorState onlyOperator(byte[] metadata) {
        return MetadataFormat.read(metadata)
                .metadata()
                .getOperatorStates()
                .iterator()
                .next();
    }

    private static KeyedStateHandle incremental() {
        Path shared = new Path("s3://flink-east/checkpoints/job/shared/sst");
        Path other = new Path("s3://flink-east/checkpoints/job/chk-1/sst");
        return new IncrementalRemoteKeyedStateHandle(
                UUID.randomUUID(),
                KeyGroupRange.of(0, 127),
                7,
                List.of(HandleAndLocalPath.of(new FileStateHandle(shared, 10), "1.sst")),
                List.of(HandleAndLocalPath.of(new FileStateHandle(other, 30), "MANIFEST")),
                new ByteStreamStateHandle("meta", new byte[] {1}));
    }

    private static String id(OperatorState operator) {
        return operator.getOperatorID().toHexString();
    }

    private static OffsetVector vector(long... offsets) {
        Map<PartitionKey, Long> ends = new HashMap<>();
        for (int partition = 0; partition < offsets.length; partition++) {
            ends.put(new PartitionKey("in", partition), offsets[partition]);
        }
        return new OffsetVector(ends);
    }

    private static List<byte[]> bytes(String... texts) {
        return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
    }

    private static OperatorStateHandle managedState(byte[] metadata) {
        OperatorState operator = MetadataFormat.read(metadata)
                .metadata()
                .getOperatorStates()
                .iterator()
                .next();
        return operator.getState(0).getManagedOperatorState().iterator().next();
    }

    private static List<KafkaPartitionSplit> enumeratorSplits(byte[] metadata) throws IOException {
        OperatorState operator = MetadataFormat.read(metadata)
                .metadata()
                .getOperatorStates()
                .iterator()
                .next();
        List<KafkaPartitionSplit> splits = new ArrayList<>();
        EnumeratorState.parse(operator.getCoordinatorState().getData())
                .changed(
                        split -> {
                            splits.add(split);
                            return split;
                        },
                        topic -> topic);
        return splits;
    }
}
