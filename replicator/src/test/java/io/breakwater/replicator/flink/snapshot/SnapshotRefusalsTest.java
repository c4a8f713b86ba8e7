package io.breakwater.replicator.flink.snapshot;

import static io.breakwater.replicator.flink.snapshot.FlinkState.listStates;
import static io.breakwater.replicator.flink.snapshot.FlinkState.metadata;
import static io.breakwater.replicator.flink.snapshot.FlinkState.operator;
import static io.breakwater.replicator.flink.snapshot.FlinkState.readerElement;
import static io.breakwater.replicator.flink.snapshot.FlinkState.split;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ObjectUri;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.checkpoint.channel.InputChannelInfo;
import org.apache.flink.runtime.state.InputChannelStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateHandleID;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle.ChangelogStateBackendHandleImpl;
import org.apache.flink.runtime.state.changelog.SequenceNumber;
import org.apache.flink.runtime.state.changelog.StateChange;
import org.apache.flink.runtime.state.changelog.inmemory.InMemoryChangelogStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a snapshot holds that is refused: with the operator and the reason. */
class SnapshotRefusalsTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://flink-east/savepoints/savepoint-1");
    private static final ObjectUri WEST = ObjectUri.parse("s3://flink-west/breakwater/flights/job/1");
    private static final String WRITER = "writer_raw_states";
    private static final String COMMITTER = "streaming_committer_raw_states";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "topic-partition-offset-states",
                "next-transactional-id-hint-v2",
                "bucket-states",
                "iceberg-files-committer-state"
            })
    void refusesStateOfConnectorsThatItDoesNotKnow(String state) throws Exception {
        OperatorState operator = with("old", listStates(false, Map.of(state, bytes("x"))));

        assertThatThrownBy(() -> open(metadata(6, operator)).rewritten(WEST, Map.of(), SinkPolicy.KEEP))
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator old")
                .hasMessageContaining(state);
    }

    @Test
    void refusesACoordinatorThatItDoesNotKnowUnlessItIsLeft() throws Exception {
        OperatorState operator = operator("coordinated", 1);
        operator.setCoordinatorState(new ByteStreamStateHandle("coordinator", new byte[] {9}));
        Snapshot snapshot = open(metadata(6, operator));

        assertThatThrownBy(() -> snapshot.rewritten(WEST, Map.of(), SinkPolicy.KEEP))
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator coordinated")
                .hasMessageContaining("coordinator");
        assertThat(snapshot.operators().get(0).refusal()).get().asString().contains("coordinator");
        byte[] left = snapshot.rewritten(
                WEST,
                new SnapshotRewrite(
                        Map.of(),
                        Map.of(),
                        SinkPolicy.KEEP,
                        Map.of(),
                        Set.of(operator.getOperatorID().toHexString())));
        assertThat(MetadataFormat.read(left).metadata().getOperatorStates())
                .singleElement()
                .satisfies(moved ->
                        assertThat(moved.getCoordinatorState().getData()).containsExactly(9));
    }

    @Test
    void refusesSinkStateByPolicyOfThatSink() throws Exception {
        OperatorState sink = with("sink", listStates(false, Map.of(WRITER, List.of(), COMMITTER, bytes("c"))));
        Snapshot snapshot = open(metadata(6, sink));

        assertThatThrownBy(() -> snapshot.rewritten(WEST, Map.of(), SinkPolicy.REFUSE))
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator sink")
                .hasMessageContaining(COMMITTER);
        byte[] kept = snapshot.rewritten(
                WEST,
                new SnapshotRewrite(
                        Map.of(),
                        Map.of(),
                        SinkPolicy.REFUSE,
                        Map.of(sink.getOperatorID().toHexString(), SinkPolicy.KEEP),
                        Set.of()));
        assertThat(open(kept).operators().get(0).committables()).hasValue(1);
    }

    @Test
    void refusesRecordsInFlight() throws Exception {
        OperatorState operator = operator("unaligned", 1);
        InputChannelStateHandle inFlight = new InputChannelStateHandle(
                new InputChannelInfo(0, 0), new ByteStreamStateHandle("channel", new byte[8]), List.of(0L));
        operator.putState(
                0,
                OperatorSubtaskState.builder()
                        .setInputChannelState(StateObjectCollection.singleton(inFlight))
                        .build());

        assertThatThrownBy(() -> open(metadata(6, operator)).files())
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator unaligned")
                .hasMessageContaining("in flight");
    }

    @Test
    void refusesAChangelogThatIsInNoFiles() throws Exception {
        OperatorState keyed = operator("keyed", 1);
        InMemoryChangelogStateHandle inMemory = new InMemoryChangelogStateHandle(
                List.of(StateChange.ofDataChange(1, new byte[3])),
                SequenceNumber.of(0),
                SequenceNumber.of(1),
                KeyGroupRange.of(0, 127));
        keyed.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedKeyedState(ChangelogStateBackendHandleImpl.restore(
                                List.of(),
                                List.of(inMemory),
                                KeyGroupRange.of(0, 127),
                                7,
                                3,
                                80,
                                StateHandleID.randomStateHandleId()))
                        .build());

        assertThatThrownBy(() -> open(metadata(6, keyed)).relocated(WEST))
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator keyed")
                .hasMessageContaining("state.changelog.storage");
    }

    @Test
    void refusesCompressedListState() throws Exception {
        OperatorState source = with(
                "flights", listStates(true, Map.of(KafkaSplits.READER_STATE, List.of(readerElement(split(0, 1))))));

        assertThatThrownBy(() -> open(metadata(6, source)).kafkaSources())
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator flights")
                .hasMessageContaining("compressed");
    }

    @Test
    void refusesASourceThatIsNotKafkas() throws Exception {
        byte[] foreign = ByteBuffer.allocate(18)
                .putInt(1)
                .putInt(10)
                .put("file-split".getBytes(UTF_8))
                .array();
        OperatorState source = with("flights", listStates(false, Map.of(KafkaSplits.READER_STATE, List.of(foreign))));

        assertThatThrownBy(() -> open(metadata(6, source)).kafkaSources())
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator flights")
                .hasMessageContaining("not Kafka's");
    }

    @Test
    void refusesAnEnumeratorOfALaterConnector() throws Exception {
        OperatorState source = source(split(0, 100));
        source.setCoordinatorState(FlinkState.coordinator(4, new byte[40]));

        assertThatThrownBy(() -> open(metadata(6, source)).kafkaSources())
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("operator flights")
                .hasMessageContaining("version 4");
    }

    @Test
    void refusesAPartitionWithoutATranslatedPosition() throws Exception {
        OperatorState source = source(split(0, 100), split(1, 200));
        Map<String, OffsetVector> positions = Map.of(
                source.getOperatorID().toHexString(), new OffsetVector(Map.of(new PartitionKey("in", 0), 1100L)));

        assertThatThrownBy(() -> open(metadata(6, source)).rewritten(WEST, positions, SinkPolicy.KEEP))
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("in-1 at offset 200");
    }

    @Test
    void refusesBytesThatAreNoSnapshot() throws Exception {
        byte[] whole = metadata(6, source(split(0, 100)));

        assertThatThrownBy(() -> open("PAR1....".getBytes(UTF_8)))
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("not Flink's");
        assertThatThrownBy(() -> open(Arrays.copyOf(whole, whole.length / 2)))
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void refusesEveryTruncation() throws Exception {
        byte[] whole = metadata(6, source(split(0, 100), split(1, 200)));

        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> open(part))
                    .as("the first %d of %d bytes", length, whole.length)
                    .isInstanceOf(UnsupportedSnapshotException.class);
        }
    }

    private static Snapshot open(byte[] metadata) {
        return Snapshot.open(EAST, metadata, (file, offset, length) -> Optional.empty());
    }

    private static OperatorState source(KafkaPartitionSplit... splits) throws Exception {
        List<byte[]> elements =
                Arrays.stream(splits).map(FlinkState::readerElement).toList();
        return with("flights", listStates(false, Map.of(KafkaSplits.READER_STATE, elements)));
    }

    private static OperatorState with(String uid, OperatorStateHandle handle) {
        OperatorState operator = operator(uid, 1);
        operator.putState(
                0,
                OperatorSubtaskState.builder().setManagedOperatorState(handle).build());
        return operator;
    }

    private static List<byte[]> bytes(String... texts) {
        return Arrays.stream(texts).map(text -> text.getBytes(UTF_8)).toList();
    }
}
