package io.breakwater.replicator.flink;

import static io.breakwater.replicator.flink.snapshot.FlinkState.metadata;
import static io.breakwater.replicator.flink.snapshot.FlinkState.operator;
import static io.breakwater.replicator.flink.snapshot.FlinkState.split;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.JobOutputs;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.flink.SavepointMirror.Stores;
import io.breakwater.replicator.flink.snapshot.FlinkState;
import io.breakwater.replicator.flink.snapshot.SinkPolicy;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One turn at a time, with a job's own checkpoints unless a test says otherwise. */
class SavepointMirrorTest {

    private static final ObjectUri CHECKPOINTS = ObjectUri.parse("s3://east/checkpoints/j1");
    private static final ObjectUri SHARED = CHECKPOINTS.resolve("shared");
    private static final ObjectUri RECEIVED = ObjectUri.parse("s3://west/breakwater/group/delays");
    private static final ObjectUri JAR_EAST = ObjectUri.parse("s3://east/job.jar");
    private static final PartitionKey PARTITION = new PartitionKey("in", 0);
    private static final PartitionKey OUTPUT = new PartitionKey("out", 0);

    private final FaultyStore east = new FaultyStore();
    private final FaultyStore west = new FaultyStore();
    private final ObjectCopier copier = new ObjectCopier(
            east, west, new CopyLimits(2, 1 << 20, 2, Duration.ofMillis(1), java.nio.file.Path.of("target")));
    private final List<ReplicaPosition> announced = new ArrayList<>();
    private long outputEnd;
    private OffsetVector wantedMirrored = OffsetVector.EMPTY;
    private OffsetVector wantedCommitted = OffsetVector.EMPTY;
    private JobOutputs outputs = JobOutputs.of(Set.of());
    private Runnable whenTaken = () -> {};
    private Runnable whenCopied = () -> {};
    private Optional<TableCoverage> tables = Optional.empty();
    private FakeFlink flink;
    private SavepointMirror mirror;

    /** All that is wanted is mirrored, each position 1000 further on. */
    private final class Mirrored implements Coverage {
        @Override
        public OffsetVector writtenEnds() {
            whenTaken.run();
            return new OffsetVector(Map.of(OUTPUT, outputEnd));
        }

        @Override
        public Optional<String> notMirrored(OffsetVector wanted) {
            whenCopied.run();
            wantedMirrored = wanted;
            return Optional.empty();
        }

        @Override
        public Optional<String> notCommitted(OffsetVector wanted) {
            wantedCommitted = wanted;
            return Optional.empty();
        }

        @Override
        public OffsetVector translate(OffsetVector sourcePositions) {
            Map<PartitionKey, Long> shifted = new TreeMap<>();
            sourcePositions.ends().forEach((partition, end) -> shifted.put(partition, end + 1_000));
            return new OffsetVector(new TreeMap<>(shifted));
        }
    }

    /** Of a table of which the standby has version 6 until somebody has asked for another one. */
    private final class Tables implements TableCoverage {
        private final List<Integer> lookedAt = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();

        @Override
        public SortedMap<String, Long> newestVersions() {
            lookedAt.add(flink.told());
            return new TreeMap<>(Map.of("flights", 7L));
        }

        @Override
        public Optional<String> notReplicated(SortedMap<String, Long> versions) {
            if (!missing.isEmpty()) {
                return Optional.empty();
            }
            assertThat(announced).isEmpty();
            missing.add(versions.toString());
            return Optional.of("version 7 of table flights");
        }
    }

    @BeforeEach
    void start() throws Exception {
        flink = new FakeFlink(CHECKPOINTS);
        east.put(JAR_EAST, "jar".getBytes(StandardCharsets.UTF_8));
        mirror = mirror(SnapshotKind.RETAINED_CHECKPOINT, 2);
        // A later checkpoint has completed whenever one is asked for after the taking.
        whenTaken = () -> flink.completed(99);
    }

    @AfterEach
    void end() {
        flink.close();
        copier.close();
    }

    private SavepointMirror mirror(SnapshotKind kind, int keep) {
        RunningJob job = new RunningJob(flink.client(), FakeFlink.JOB);
        ObjectUri taken = ObjectUri.parse("s3://east/taken");
        return new SavepointMirror(
                new FlinkJobAsset(FakeFlink.JOB, "jar", kind, Duration.ofSeconds(1), SinkPolicy.KEEP, keep, outputs),
                new Stores(
                        east,
                        west,
                        copier,
                        new SnapshotShelf(east, taken),
                        new SnapshotShelf(west, RECEIVED),
                        JAR_EAST,
                        ObjectUri.parse("s3://west/job.jar")),
                job,
                kind.origin(job, FakeFlink.JOB, taken),
                new Mirrored(),
                tables,
                announced::add);
    }

    @Test
    void ofTheNextCheckpointOnlyNewFilesTravel() throws Exception {
        checkpoint(1, 10, "a.sst", "b.sst");
        mirror.mirrorOne();
        checkpoint(2, 20, "b.sst", "c.sst");
        // If it travelled again, it would be missed.
        east.delete(SHARED.resolve("b.sst"));

        mirror.mirrorOne();

        assertThat(announced).hasSize(2);
        assertThat(sharedOnWest()).hasSize(3);
        assertRestorable(announced.get(0), 1_010);
        assertRestorable(announced.get(1), 1_020);
    }

    @Test
    void sharedFilesGoWithTheLastSnapshotThatRefersToThem() throws Exception {
        checkpoint(1, 10, "a.sst", "b.sst");
        mirror.mirrorOne();
        checkpoint(2, 20, "b.sst", "c.sst");
        mirror.mirrorOne();
        checkpoint(3, 30, "c.sst", "d.sst");
        mirror.mirrorOne();

        mirror.prune();

        assertThat(sharedOnWest())
                .extracting(uri -> uri.replaceFirst(".*-", ""))
                .containsExactlyInAnyOrder("b.sst", "c.sst", "d.sst");
        assertRestorable(announced.get(1), 1_020);
        assertRestorable(announced.get(2), 1_030);
        assertThat(west.head(place(announced.get(0)).resolve(Snapshot.METADATA)))
                .isEmpty();
    }

    @Test
    void theSameCheckpointIsPublishedOnce() throws Exception {
        checkpoint(1, 10, "a.sst");
        mirror.mirrorOne();
        flink.completed(1);

        mirror.mirrorOne();

        assertThat(announced).hasSize(1);
    }

    @Test
    void aCheckpointThatVanishesWhileItIsCopiedIsLeftOut() throws Exception {
        checkpoint(1, 10, "a.sst");
        mirror.mirrorOne();
        checkpoint(2, 20, "a.sst", "c.sst");
        whenTaken = () -> delete(flink.checkpoint(2));

        assertThatThrownBy(mirror::mirrorOne)
                .isInstanceOf(SnapshotAbandonedException.class)
                .hasMessageContaining("chk-2 of job delays is gone")
                .hasMessageContaining("num-retained");

        mirror.prune();
        assertThat(announced).hasSize(1);
        assertRestorable(announced.get(0), 1_010);
    }

    @Test
    void aSharedFileThatIsMissingIsNamedAndOlderOnesStay() throws Exception {
        checkpoint(1, 10, "a.sst");
        mirror.mirrorOne();
        checkpoint(2, 20, "a.sst", "c.sst");
        whenTaken = () -> east.delete(SHARED.resolve("c.sst"));

        assertThatThrownBy(mirror::mirrorOne)
                .hasMessageContaining("job delays")
                .hasMessageContaining("shared/c.sst")
                .hasMessageContaining("SourceMissing");

        mirror.prune();
        assertThat(announced).hasSize(1);
        assertRestorable(announced.get(0), 1_010);
        checkpoint(3, 30, "a.sst", "d.sst");
        whenTaken = () -> flink.completed(99);
        mirror.mirrorOne();
        assertRestorable(announced.get(1), 1_030);
    }

    @Test
    void aCheckpointThatVanishesOnceItIsCopiedIsPublished() throws Exception {
        checkpoint(1, 10, "a.sst");
        whenCopied = () -> {
            delete(flink.checkpoint(1));
            delete(SHARED);
        };

        mirror.mirrorOne();

        assertRestorable(announced.get(0), 1_010);
    }

    @Test
    void aTruncatedMetadataIsRefusedWithJobAndSnapshot() throws Exception {
        checkpoint(1, 10, "a.sst");
        ObjectUri metadata = flink.checkpoint(1).resolve(Snapshot.METADATA);
        byte[] whole = east.get(metadata).orElseThrow();
        east.put(metadata, Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(mirror::mirrorOne)
                .isInstanceOf(SnapshotAbandonedException.class)
                .hasMessageContaining("chk-1 of job delays");
        assertThat(announced).isEmpty();
    }

    @Test
    void anUnknownConnectorIsRefusedWithItsOperator() throws Exception {
        OperatorState foreign = operator("pulsar", 1);
        foreign.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedOperatorState(FlinkState.listStates(
                                false, Map.of("SourceReaderState", List.of(new byte[] {0, 0, 0, 9, 0, 0, 0, 0}))))
                        .build());
        east.put(flink.checkpoint(1).resolve(Snapshot.METADATA), metadata(6, foreign));
        flink.completed(1);

        assertThatThrownBy(mirror::mirrorOne)
                .isInstanceOf(SnapshotAbandonedException.class)
                .hasMessageContaining("chk-1 of job delays")
                .hasMessageContaining("operator pulsar");
    }

    /** Looks come before the JobManager's clock says 1.5 s, and checkpoint 2 was triggered at 2 s. */
    @Test
    void theReceiptSaysBetweenWhichEndsOfItsOutputsTheSnapshotStands() throws Exception {
        outputs = JobOutputs.of(Set.of("out"));
        mirror = mirror(SnapshotKind.RETAINED_CHECKPOINT, 2);
        checkpoint(1, 10, "a.sst");
        checkpoint(2, 20, "a.sst");
        flink.completed(1);
        flink.clock(1_500);
        whenTaken = () -> {
            outputEnd += 100;
            if (outputEnd == 200) {
                flink.clock(2_500);
                flink.completed(2);
            } else if (outputEnd > 200) {
                flink.completed(99);
            }
        };

        mirror.mirrorOne();

        assertThat(announced.get(0).outputs())
                .contains(new ReplicaPosition.Outputs(
                        new OffsetVector(Map.of(OUTPUT, 100L)),
                        new OffsetVector(Map.of(OUTPUT, 300L)),
                        OffsetVector.EMPTY));
        assertRestorable(announced.get(0), 1_020);
    }

    @Test
    void aDerivedOutputHasToBeCommittedAndIsMirroredLater() throws Exception {
        outputs = new JobOutputs(new TreeSet<>(Set.of("out")), new TreeSet<>(Set.of("out")), Duration.ofMinutes(1));
        SavepointMirror savepoints = mirror(SnapshotKind.NATIVE_SAVEPOINT, 2);
        checkpoint(1, 10, "a.sst");
        flink.savepoint("{\"location\":\"" + flink.checkpoint(1) + "\"}");
        outputEnd = 70;

        savepoints.mirrorOne();

        OffsetVector gates = new OffsetVector(Map.of(OUTPUT, 70L));
        assertThat(announced.get(0).outputs()).contains(new ReplicaPosition.Outputs(gates, gates, gates));
        assertThat(wantedCommitted).isEqualTo(gates);
        assertThat(wantedMirrored.ends()).containsOnlyKeys(PARTITION);
    }

    @Test
    void aJobThatReadsWhatItDeclaresAsDerivedIsRefused() throws Exception {
        outputs = new JobOutputs(new TreeSet<>(Set.of("in")), new TreeSet<>(Set.of("in")), Duration.ofMinutes(1));
        SavepointMirror savepoints = mirror(SnapshotKind.NATIVE_SAVEPOINT, 2);
        checkpoint(1, 10, "a.sst");
        flink.savepoint("{\"location\":\"" + flink.checkpoint(1) + "\"}");

        assertThatThrownBy(savepoints::mirrorOne)
                .hasMessageContaining("job delays")
                .hasMessageContaining("in-0, which it declares as derived");
        assertThat(announced).isEmpty();
    }

    @Test
    void aJobThatWasRestoredMeanwhileHasNotCommittedWhatWasBefore() throws Exception {
        checkpoint(1, 10, "a.sst");
        whenTaken = () -> {
            flink.restored();
            flink.completed(99);
        };

        assertThatThrownBy(mirror::mirrorOne).hasMessageContaining("job delays was restored after");
        assertThat(announced).isEmpty();
    }

    @Test
    void aSnapshotWaitsForTheVersionsOfItsTables() throws Exception {
        checkpoint(FlinkState.CHECKPOINT, 10, "a.sst");
        whenTaken = () -> {};
        flink.completesOneAtEachLook();
        Tables flights = new Tables();
        tables = Optional.of(flights);

        mirror(SnapshotKind.RETAINED_CHECKPOINT, 2).mirrorOne();

        // The first one after the snapshot commits; that it has committed, the second one says.
        assertThat(flights.lookedAt).containsExactly(FlinkState.CHECKPOINT + 2);
        assertThat(flights.missing).containsExactly("{flights=7}");
        assertRestorable(announced.get(0), 1_010);
    }

    @Test
    void aJobManagerThatIsDownRestartingOrSlowIsToldApart() throws Exception {
        checkpoint(1, 10, "a.sst");

        flink.health(FakeFlink.Health.RESTARTED);
        assertThatThrownBy(mirror::mirrorOne).hasMessageContaining("job delays is not running");
        flink.health(FakeFlink.Health.WELL);
        flink.state("RESTARTING");
        assertThatThrownBy(mirror::mirrorOne).hasMessageContaining("job delays is not running");
        flink.state("RUNNING");
        flink.health(FakeFlink.Health.SLOW);
        assertThatThrownBy(mirror::mirrorOne)
                .hasMessageContaining("find job delays")
                .hasMessageContaining("unreachable");
        flink.close();
        assertThatThrownBy(mirror::mirrorOne)
                .hasMessageContaining("find job delays")
                .hasMessageContaining("unreachable");
        assertThat(announced).isEmpty();
    }

    @Test
    void aSavepointThatFailsSaysWhy() throws Exception {
        checkpoint(1, 10, "a.sst");
        SavepointMirror savepoints = mirror(SnapshotKind.NATIVE_SAVEPOINT, 2);
        flink.savepoint("{\"failure-cause\":{\"class\":\"X\",\"stack-trace\":\"checkpoint expired\"}}");

        assertThatThrownBy(savepoints::mirrorOne)
                .hasMessageContaining("savepoint of job delays failed")
                .hasMessageContaining("checkpoint expired");
    }

    @Test
    void checkpointsThatAreNotInS3AreSaidSo() throws Exception {
        checkpoint(1, 10, "a.sst");
        SavepointMirror savepoints = mirror(SnapshotKind.CANONICAL_SAVEPOINT, 2);
        flink.savepoint("{\"location\":\"hdfs://name/savepoints/s\"}");

        assertThatThrownBy(savepoints::mirrorOne)
                .isInstanceOf(SnapshotAbandonedException.class)
                .hasMessageContaining("job delays")
                .hasMessageContaining("hdfs://name/savepoints/s");
    }

    /** An incremental checkpoint with reader state in a file of its own. */
    private void checkpoint(int id, long offset, String... shared) throws Exception {
        ObjectUri directory = flink.checkpoint(id);
        OperatorStateHandle inline = FlinkState.listStates(
                false, Map.of("SourceReaderState", List.of(FlinkState.readerElement(split(0, offset)))));
        byte[] reader = inline.asBytesIfInMemory().orElseThrow();
        east.put(directory.resolve("reader"), reader);
        OperatorState source = operator("flights", 1);
        source.setCoordinatorState(FlinkState.coordinator(split(0, offset)));
        source.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedOperatorState(new OperatorStreamStateHandle(
                                inline.getStateNameToPartitionOffsets(),
                                new RelativeFileStateHandle(
                                        new Path(directory.toString(), "reader"), "reader", reader.length)))
                        .build());
        List<HandleAndLocalPath> files = new ArrayList<>();
        for (String name : shared) {
            byte[] content = name.getBytes(StandardCharsets.UTF_8);
            east.put(SHARED.resolve(name), content);
            files.add(HandleAndLocalPath.of(
                    new FileStateHandle(new Path(SHARED.resolve(name).toString()), content.length), name));
        }
        east.put(directory.resolve("meta"), new byte[] {1});
        OperatorState keyed = operator("delays", 1);
        keyed.putState(
                0,
                OperatorSubtaskState.builder()
                        .setManagedKeyedState(new IncrementalRemoteKeyedStateHandle(
                                UUID.randomUUID(),
                                KeyGroupRange.of(0, 127),
                                id,
                                files,
                                List.of(),
                                new FileStateHandle(
                                        new Path(directory.resolve("meta").toString()), 1)))
                        .build());
        east.put(directory.resolve(Snapshot.METADATA), metadata(6, source, keyed));
        flink.completed(id);
    }

    private void assertRestorable(ReplicaPosition position, long offset) {
        ObjectUri place = place(position);
        Snapshot snapshot =
                Snapshot.open(place, west.get(place.resolve(Snapshot.METADATA)).orElseThrow(), west::get);
        assertThat(snapshot.files())
                .isNotEmpty()
                .allSatisfy(file -> assertThat(west.head(file.source()).map(ObjectInfo::size))
                        .contains(file.size()));
        assertThat(snapshot.kafkaSources().get(0).positions().ends()).containsExactly(Map.entry(PARTITION, offset));
    }

    private static ObjectUri place(ReplicaPosition position) {
        return ObjectUri.parse(position.location().orElseThrow());
    }

    private List<String> sharedOnWest() {
        return west.list(RECEIVED.resolve("shared")).stream()
                .map(object -> object.uri().key())
                .toList();
    }

    private void delete(ObjectUri below) {
        east.list(below.resolve("")).stream().map(ObjectInfo::uri).forEach(east::delete);
    }
}
