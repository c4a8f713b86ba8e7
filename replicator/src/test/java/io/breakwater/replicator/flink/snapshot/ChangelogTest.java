package io.breakwater.replicator.flink.snapshot;

import static io.breakwater.replicator.flink.snapshot.FlinkState.metadata;
import static io.breakwater.replicator.flink.snapshot.FlinkState.operator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.SnapshotFile.Extent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle.ChangelogStateBackendHandleImpl;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangelogTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://flink-east/checkpoints/chk-7");
    private static final ObjectUri WEST = ObjectUri.parse("s3://flink-west/moved/1");
    private static final KeyGroupRange ALL = KeyGroupRange.of(0, 127);
    private static final StreamStateHandle FIRST = file("s3://flink-east/changelog/a", 100);
    private static final StreamStateHandle SECOND = file("s3://flink-east/changelog/b", 50);

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6})
    void keepsAllOfAChangelogButWhereItsFilesAre(int version) throws Exception {
        ChangelogStateBackendHandle east = changelog();

        ChangelogStateBackendHandle west =
                restored(open(metadata(version, keyed(east))).relocated(WEST));

        assertThat(west.getMaterializationID()).isEqualTo(east.getMaterializationID());
        assertThat(west.getCheckpointId()).isEqualTo(east.getCheckpointId());
        assertThat(west.getStateHandleId()).isEqualTo(east.getStateHandleId());
        assertThat(west.getCheckpointedSize()).isEqualTo(east.getCheckpointedSize());
        assertThat(west.getNonMaterializedStateHandles()).singleElement().satisfies(handle -> {
            ChangelogStateHandleStreamImpl changes = (ChangelogStateHandleStreamImpl) handle;
            assertThat(changes.getStorageIdentifier()).isEqualTo("filesystem");
            assertThat(changes.getKeyGroupRange()).isEqualTo(ALL);
            assertThat(changes.getHandlesAndOffsets())
                    .containsExactly(
                            Tuple2.of(file(WEST + "/a", 100), 0L),
                            Tuple2.of(file(WEST + "/a", 100), 60L),
                            Tuple2.of(file(WEST + "/b", 50), 7L));
        });
        assertThat(west.getMaterializedStateHandles()).singleElement().satisfies(handle -> {
            IncrementalRemoteKeyedStateHandle base = (IncrementalRemoteKeyedStateHandle) handle;
            assertThat(base.getMetaDataStateHandle()).isEqualTo(file(WEST + "/meta", 9));
            assertThat(base.getSharedState())
                    .extracting(HandleAndLocalPath::getHandle)
                    .containsExactly(file(WEST + "/sst", 10));
        });
    }

    @Test
    void saysOfEachFileWhatItsSizeMeans() throws Exception {
        assertThat(open(metadata(6, keyed(changelog()))).files())
                .extracting(SnapshotFile::name, SnapshotFile::size, SnapshotFile::extent, SnapshotFile::shared)
                .containsExactlyInAnyOrder(
                        tuple("sst", 10L, Extent.WHOLE, false),
                        tuple("meta", 9L, Extent.WHOLE, false),
                        tuple("a", 100L, Extent.CHANGES, false),
                        tuple("b", 50L, Extent.CHANGES, false));
        assertThat(open(metadata(6, keyed(changelog()))).operators().get(0).handles())
                .containsExactly("changelog", "changes/absolute", "materialized incremental/absolute");
    }

    @Test
    void sharesItsFilesWithLaterCheckpointsWhereTheLayoutHasAPlaceForThem() throws Exception {
        SnapshotLayout layout = new SnapshotLayout(WEST, Optional.of(WEST.resolve("shared")));

        List<SnapshotFile> files = open(metadata(6, keyed(changelog()))).files(layout);

        assertThat(files)
                .hasSize(4)
                .allSatisfy(file -> assertThat(file.shared()).isTrue());
        byte[] west =
                open(metadata(6, keyed(changelog()))).rewritten(layout, new SnapshotRewrite(Map.of(), SinkPolicy.KEEP));
        assertThat(open(WEST, west).files())
                .extracting(SnapshotFile::source)
                .containsExactlyInAnyOrderElementsOf(
                        files.stream().map(layout::place).toList());
    }

    @Test
    void aFileOfChangesHoldsAtLeastWhatIsAnnouncedBehindItsFirstByte() {
        assertThat(fits(100, new byte[101])).isTrue();
        assertThat(fits(100, new byte[102])).isTrue();
        assertThat(fits(100, new byte[100])).isFalse();
        assertThat(fits(100, new byte[0])).isFalse();
        assertThat(changes(100).fits(99, (file, offset, length) -> Optional.empty()))
                .isFalse();
    }

    @Test
    void aCompressedFileOfChangesIsReadToItsEnd() throws Exception {
        byte[] whole = compressed(new byte[100_000]);

        assertThat(whole.length).isLessThan(50_000);
        assertThat(fits(100_000, whole)).isTrue();
        assertThat(fits(100_001, whole)).isFalse();
        for (int length = 0; length < whole.length; length += 97) {
            assertThat(fits(100_000, Arrays.copyOf(whole, length)))
                    .as("the first %d of %d bytes", length, whole.length)
                    .isFalse();
        }
    }

    private static byte[] compressed(byte[] changes) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(1);
        try (OutputStream out = SnappyStreamCompressionDecorator.INSTANCE.decorateWithCompression(file)) {
            out.write(changes);
        }
        return file.toByteArray();
    }

    private static boolean fits(long announced, byte[] content) {
        return changes(announced)
                .fits(
                        content.length,
                        (file, offset, length) ->
                                Optional.of(Arrays.copyOfRange(content, (int) offset, (int) offset + length)));
    }

    private static SnapshotFile changes(long announced) {
        return new SnapshotFile(EAST.resolve("changes"), "changes", announced, Extent.CHANGES, false);
    }

    /** One file of the materialized state, one of its metadata, and two of changes, of which one is referred to twice. */
    private static ChangelogStateBackendHandle changelog() {
        IncrementalRemoteKeyedStateHandle base = new IncrementalRemoteKeyedStateHandle(
                UUID.randomUUID(),
                ALL,
                3,
                List.of(HandleAndLocalPath.of(file("s3://flink-east/checkpoints/taskowned/sst", 10), "1.sst")),
                List.of(),
                file("s3://flink-east/checkpoints/taskowned/meta", 9));
        ChangelogStateHandleStreamImpl changes = new ChangelogStateHandleStreamImpl(
                List.of(Tuple2.of(FIRST, 0L), Tuple2.of(FIRST, 60L), Tuple2.of(SECOND, 7L)),
                ALL,
                140,
                50,
                "filesystem");
        return new ChangelogStateBackendHandleImpl(List.of(base), List.of(changes), ALL, 7, 3, 60);
    }

    private static StreamStateHandle file(String path, long size) {
        return new FileStateHandle(new Path(path), size);
    }

    private static OperatorState keyed(ChangelogStateBackendHandle changelog) {
        OperatorState keyed = operator("keyed", 1);
        keyed.putState(
                0,
                OperatorSubtaskState.builder().setManagedKeyedState(changelog).build());
        return keyed;
    }

    private static ChangelogStateBackendHandle restored(byte[] metadata) {
        return (ChangelogStateBackendHandle) MetadataFormat.read(metadata)
                .metadata()
                .getOperatorStates()
                .iterator()
                .next()
                .getState(0)
                .getManagedKeyedState()
                .iterator()
                .next();
    }

    private static Snapshot open(byte[] metadata) {
        return open(EAST, metadata);
    }

    private static Snapshot open(ObjectUri directory, byte[] metadata) {
        return Snapshot.open(directory, metadata, (file, offset, length) -> Optional.empty());
    }
}
