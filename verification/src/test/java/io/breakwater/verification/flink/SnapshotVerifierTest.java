package io.breakwater.verification.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.MemoryObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.VerificationResult.Mismatch;
import io.breakwater.verification.VerificationResult.Verified;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.CheckpointProperties;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle.ChangelogStateBackendHandleImpl;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotVerifierTest {

    private static final ObjectUri PLACE = ObjectUri.parse("s3://flink-west/breakwater/flights/job/1");

    private final MemoryObjectStore store = new MemoryObjectStore();
    private final SnapshotVerifier verifier = new SnapshotVerifier();

    @BeforeEach
    void publish() throws IOException {
        store.put(PLACE.resolve("sst-a"), new byte[10]);
        store.put(PLACE.resolve("sst-b"), new byte[20]);
        store.put(PLACE.resolve("_metadata"), metadata(keyed(0, 63, "sst-a", 10), keyed(64, 127, "sst-b", 20)));
    }

    @Test
    void verifiesAWholeSnapshot() {
        VerificationResult result = verifier.verify(PLACE, store);

        assertThat(result).isInstanceOfSatisfying(Verified.class, verified -> {
            assertThat(verified.figures().path("files").asInt()).isEqualTo(2);
            assertThat(verified.figures().path("fileBytes").asLong()).isEqualTo(30);
            assertThat(verified.figures().path("inlineBytes").asLong()).isEqualTo(2);
        });
    }

    @Test
    void findsAMissingFile() {
        store.delete(PLACE.resolve("sst-b"));

        assertThat(difference()).contains("sst-b: 20 bytes are referred to, it is not there");
    }

    @Test
    void findsAFileOfAnotherSize() {
        store.put(PLACE.resolve("sst-a"), new byte[9]);

        assertThat(difference()).contains("sst-a: 10 bytes are referred to, 9 are there");
    }

    @Test
    void findsKeyGroupsWithoutState() throws IOException {
        store.put(PLACE.resolve("_metadata"), metadata(keyed(0, 63, "sst-a", 10)));

        assertThat(difference()).contains("operator delays: state of 64 of 128 key groups");
    }

    @Test
    void findsMetadataThatIsMissingOrCut() throws IOException {
        byte[] whole = metadata(keyed(0, 127, "sst-a", 10));
        store.put(PLACE.resolve("_metadata"), Arrays.copyOf(whole, whole.length - 5));

        assertThat(difference()).contains("its _metadata does not open");

        store.delete(PLACE.resolve("_metadata"));
        assertThat(difference()).contains("has no _metadata");
    }

    @Test
    void followsAChangelogToItsFiles() throws IOException {
        store.put(PLACE.resolve("changes"), new byte[41]);
        store.put(PLACE.resolve("_metadata"), metadata(changelog(0)));

        assertThat(verifier.verify(PLACE, store))
                .isInstanceOfSatisfying(
                        Verified.class,
                        verified -> assertThat(
                                        verified.figures().path("fileBytes").asLong())
                                .isEqualTo(51));
    }

    @Test
    void findsChangesThatAreCutOrGoneOrBeginBehindTheirEnd() throws IOException {
        store.put(PLACE.resolve("changes"), new byte[40]);
        store.put(PLACE.resolve("_metadata"), metadata(changelog(0)));
        assertThat(difference()).contains("changes: 40 bytes are referred to, 40 are there");

        store.delete(PLACE.resolve("changes"));
        assertThat(difference()).contains("changes: 40 bytes are referred to, it is not there");

        store.put(PLACE.resolve("changes"), new byte[41]);
        store.put(PLACE.resolve("_metadata"), metadata(changelog(40)));
        assertThat(difference()).contains("operator delays: changes at byte 40 of 40");
    }

    @Test
    void looksIntoCompressedChanges() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(1);
        try (OutputStream changes = SnappyStreamCompressionDecorator.INSTANCE.decorateWithCompression(file)) {
            changes.write(new byte[40]);
        }
        store.put(PLACE.resolve("_metadata"), metadata(changelog(0)));
        store.put(PLACE.resolve("changes"), file.toByteArray());
        assertThat(verifier.verify(PLACE, store)).isInstanceOf(Verified.class);

        store.put(PLACE.resolve("changes"), Arrays.copyOf(file.toByteArray(), file.size() - 1));
        assertThat(difference()).contains("changes: 40 bytes are referred to");
    }

    private String difference() {
        VerificationResult result = verifier.verify(PLACE, store);
        assertThat(result).isInstanceOf(Mismatch.class);
        return ((Mismatch) result).differences().get(0);
    }

    private static KeyedStateHandle keyed(int from, int to, String file, long size) {
        return new IncrementalRemoteKeyedStateHandle(
                UUID.randomUUID(),
                KeyGroupRange.of(from, to),
                1,
                List.of(HandleAndLocalPath.of(
                        new RelativeFileStateHandle(new Path("file:///", file), file, size), "000001.sst")),
                List.of(),
                new ByteStreamStateHandle("meta-" + from, new byte[1]));
    }

    /** @param offset of the changes in their file of 40 bytes and the one that comes first */
    private static KeyedStateHandle changelog(long offset) {
        StreamStateHandle changes = new FileStateHandle(new Path(PLACE + "/changes"), 40);
        KeyGroupRange all = KeyGroupRange.of(0, 127);
        return new ChangelogStateBackendHandleImpl(
                List.of(keyed(0, 127, "sst-a", 10)),
                List.of(new ChangelogStateHandleStreamImpl(
                        List.of(Tuple2.of(changes, offset)), all, 40, 40, "filesystem")),
                all,
                1,
                1,
                50);
    }

    private static byte[] metadata(KeyedStateHandle... handles) throws IOException {
        OperatorState operator = new OperatorState("delays", "delays", new OperatorID(1, 2), handles.length, 128);
        for (int subtask = 0; subtask < handles.length; subtask++) {
            operator.putState(
                    subtask,
                    OperatorSubtaskState.builder()
                            .setManagedKeyedState(handles[subtask])
                            .build());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Checkpoints.storeCheckpointMetadata(
                new CheckpointMetadata(
                        1,
                        List.of(operator),
                        List.of(),
                        CheckpointProperties.forSavepoint(false, SavepointFormatType.NATIVE)),
                new DataOutputStream(bytes));
        return bytes.toByteArray();
    }
}
