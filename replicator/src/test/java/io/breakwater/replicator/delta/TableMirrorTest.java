package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.VersionTimes;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableMirrorTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");
    private static final PartitionKey INPUT = new PartitionKey("in", 0);

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private final DeltaLogFiles east = new DeltaLogFiles(source, EAST);
    private final DeltaLogFiles west = new DeltaLogFiles(target, WEST);
    private ObjectCopier copier;
    private MirrorPolicy policy = MirrorPolicy.careful();
    private Clock clock = Clock.systemUTC();

    @BeforeEach
    void open() {
        copier = new ObjectCopier(source, target, new CopyLimits(2, 1000, 2, Duration.ofMillis(1), folder));
    }

    @AfterEach
    void close() {
        copier.close();
    }

    @Test
    void carriesDataThenCommitsAndKnowsTheWritersInputs() throws InterruptedException {
        commit(0, add("day=1/a b", 3), txn(5));
        commit(1, add("c", 3));
        commit(2, remove("c"), txn(9));
        TableMirror mirror = mirror();

        assertThat(mirror.advance()).isInstanceOf(Progress.Moving.class);
        assertThat(mirror.advance()).isInstanceOf(Progress.UpToDate.class);

        List<MirroredVersion> versions = mirror.take();
        assertThat(versions).extracting(MirroredVersion::version).containsExactly(0L, 1L, 2L);
        assertThat(versions)
                .extracting(version -> version.inputs().of("archiver", "eastCluster"))
                .containsExactly(at(5), at(5), at(9));
        assertThat(versions.get(2).inputs().of("archiver", "westCluster")).isEqualTo(OffsetVector.EMPTY);
        assertThat(target.get(WEST.resolve("day=1/a b"))).isPresent();
        assertThat(west.commit(2)).hasValue(east.commit(2).orElseThrow());
    }

    @Test
    void anotherMirrorGoesOnWhereTheTargetStands() throws InterruptedException {
        commit(0, add("a", 3), txn(5));
        run(mirror());
        commit(1, add("b", 3));
        target.delete(WEST.resolve("a"));

        TableMirror next = mirror();
        run(next);

        assertThat(next.take()).extracting(MirroredVersion::version).containsExactly(0L, 1L);
        assertThat(west.newestVersion()).hasValue(1);
        assertThat(target.get(WEST.resolve("a")))
                .as("what was carried is not looked at again")
                .isEmpty();
    }

    @Test
    void nothingIsPutBeforeItsDataIsThere() throws InterruptedException {
        commit(0, add("a", 3));
        commit(1, add("b", 3));
        source.delete(EAST.resolve("b"));
        TableMirror mirror = mirror();

        assertThat(mirror.advance())
                .isInstanceOfSatisfying(
                        Progress.Waiting.class,
                        waiting -> assertThat(waiting.reason()).contains("version 1 needs b"));

        assertThat(west.newestVersion()).isEmpty();
    }

    @Test
    void aVacuumedFileIsLetPassWhereALaterCommitTakesItOut() throws InterruptedException {
        commit(0, add("a", 3));
        commit(1, add("b", 3));
        commit(2, add("c", 3));
        commit(3, remove("b"), add("d", 3));
        commit(4, add("e", 3));
        source.delete(EAST.resolve("b"));
        TableMirror mirror = mirror();

        run(mirror);

        assertThat(mirror.take()).extracting(MirroredVersion::version).containsExactly(0L, 3L, 4L);
        assertThat(west.newestVersion()).hasValue(4);
    }

    @Test
    void anOverwrittenCommitStopsTheTable() throws InterruptedException {
        commit(0, add("a", 3));
        TableMirror mirror = mirror();
        run(mirror);
        commit(0, add("z", 3));

        assertThat(mirror.advance()).isInstanceOf(Progress.Stopped.class);
        assertThat(mirror.advance()).isInstanceOf(Progress.Stopped.class);
        assertThat(mirror()).satisfies(next -> assertThat(next.advance()).isInstanceOf(Progress.Stopped.class));
    }

    @Test
    void whatCannotBeCarriedStopsTheTableAfterWhatCan() throws InterruptedException {
        commit(0, add("a", 3));
        source.put(east.commitFile(1), "{\"add\":{\"path\":\"../b\",\"size\":1}}".getBytes(StandardCharsets.UTF_8));
        TableMirror mirror = mirror();

        run(mirror);

        assertThat(mirror.take()).extracting(MirroredVersion::version).containsExactly(0L);
        assertThat(mirror.advance())
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason()).contains("line 1: path '../b'"));
    }

    @Test
    void aReplicaPastItsSourceIsAFork() throws InterruptedException {
        commit(0, add("a", 3));
        run(mirror());
        target.put(west.commitFile(1), "{\"commitInfo\":{\"timestamp\":1}}".getBytes(StandardCharsets.UTF_8));

        assertThat(mirror().advance())
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason()).startsWith("fork: the replica's version 1"));
    }

    @Test
    void aDeadSourceIsWaitedFor() throws InterruptedException {
        commit(0, add("a", 3));
        TableMirror mirror = mirror();
        run(mirror);
        commit(1, add("b", 3));
        source.dead(true);
        assertThat(mirror.advance()).isInstanceOf(Progress.Waiting.class);

        source.dead(false);
        run(mirror);

        assertThat(west.newestVersion()).hasValue(1);
    }

    @Test
    void aStoppedTableGoesOnWhenTheCauseIsGone() throws InterruptedException {
        commit(0, add("a", 3));
        source.put(east.commitFile(1), "{".getBytes(StandardCharsets.UTF_8));
        TableMirror mirror = mirror();
        run(mirror);
        assertThat(mirror.advance()).isInstanceOf(Progress.Stopped.class);

        commit(1, add("b", 3));
        run(mirror);

        assertThat(west.newestVersion()).hasValue(1);
    }

    @Test
    void theTimesOfVersionsAreKeptBesideTheTable() throws InterruptedException {
        commit(0, add("a", 3));
        source.put(
                east.commitFile(1),
                "{\"commitInfo\":{\"inCommitTimestamp\":7000,\"timestamp\":1}}".getBytes(StandardCharsets.UTF_8));

        run(mirror());

        VersionTimes times = new VersionTimes(target, WEST);
        assertThat(times.of(0)).contains(Instant.EPOCH);
        assertThat(times.of(1)).contains(Instant.ofEpochMilli(7000));
        assertThat(times.asOf(Instant.ofEpochMilli(6999))).hasValue(0);
    }

    @Test
    void theTimesOfVersionsThatWereMadeOnTheTargetAreItsOwn() throws InterruptedException {
        commit(0, add("a", 3));
        run(mirror());
        for (long version = 1; version <= 3; version++) {
            String own = "{\"commitInfo\":{\"inCommitTimestamp\":" + version * 1000 + "}}";
            source.put(east.commitFile(version), own.getBytes(StandardCharsets.UTF_8));
            target.put(west.commitFile(version), own.getBytes(StandardCharsets.UTF_8));
        }

        run(mirror());

        assertThat(new VersionTimes(target, WEST).all())
                .containsOnlyKeys(0L, 1L, 2L, 3L)
                .containsEntry(2L, Instant.ofEpochMilli(2000));
    }

    @Test
    void filesOfAbsolutePathsAreCopiedInWhereThePolicyAllowsIt() throws InterruptedException {
        source.put(ObjectUri.parse("s3://lake-east/base/x y"), new byte[] {1, 2});
        source.put(
                east.commitFile(0),
                "{\"add\":{\"path\":\"s3://lake-east/base/x%20y\",\"size\":2}}".getBytes(StandardCharsets.UTF_8));
        assertThat(mirror().advance())
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason()).contains("may be copied in from bucket lake-east"));

        policy = new MirrorPolicy(
                Set.of("lake-east"), MirrorPolicy.Remade.REFUSE, MirrorPolicy.Vacuum.KEEP, Duration.ofDays(1));
        TableMirror mirror = mirror();
        run(mirror);

        assertThat(mirror.take())
                .singleElement()
                .satisfies(version -> assertThat(version.notice())
                        .hasValueSatisfying(notice ->
                                assertThat(notice).contains("1 files with absolute paths were copied into the table")));
        assertThat(target.get(WEST.resolve("cloned/lake-east/base/x y"))).hasValue(new byte[] {1, 2});
        commit(1, add("b", 3));
        TableMirror next = mirror();
        run(next);
        assertThat(west.newestVersion())
                .as("another mirror knows the commit for its own")
                .hasValue(1);
    }

    @Test
    void aTableMadeAnewIsRefusedOrTakesTheOldOnesPlace() throws InterruptedException {
        commit(0, table("one"), add("a", 3));
        commit(1, add("b", 3));
        run(mirror());
        source.delete(east.commitFile(1));
        commit(0, table("two"), add("c", 3));
        assertThat(mirror().advance())
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped ->
                                assertThat(stopped.reason()).contains("its table has id two, the replica is of one"));
        assertThat(west.newestVersion()).hasValue(1);

        policy = new MirrorPolicy(Set.of(), MirrorPolicy.Remade.SEED, MirrorPolicy.Vacuum.KEEP, Duration.ofDays(1));
        TableMirror mirror = mirror();
        run(mirror);

        assertThat(west.newestVersion()).hasValue(0);
        assertThat(west.commit(0)).hasValue(east.commit(0).orElseThrow());
        assertThat(target.get(ReplicaNotes.of(WEST, "aside/one/_delta_log/00000000000000000001.json")))
                .isPresent();
    }

    @Test
    void aLogCleanedUpBehindTheMirrorIsBridgedAndTidiedUpLater() throws InterruptedException {
        commit(0, table("one"), add("a", 3), add("gone", 3));
        run(mirror());
        commit(4, remove("other"), add("d", 3), txn(9));
        commit(5, add("e", 3));
        String[] state = {table("one"), add("a", 3), add("d", 3), txn(9)};
        source.put(
                east.file("00000000000000000004.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json"),
                String.join("\n", state).getBytes(StandardCharsets.UTF_8));
        source.delete(east.commitFile(0));
        Instant now = Instant.ofEpochSecond(1000);
        clock = Clock.fixed(now, ZoneOffset.UTC);

        TableMirror mirror = mirror();
        run(mirror);

        assertThat(mirror.take()).extracting(MirroredVersion::version).containsExactly(4L, 5L);
        assertThat(west.newestVersion()).hasValue(5);
        assertThat(west.content(3)).as("a filling commit").isPresent();
        CommitContent bridge = west.content(4).orElseThrow();
        assertThat(bridge).isInstanceOfSatisfying(CommitContent.Actions.class, actions -> {
            assertThat(actions.commit().removes()).containsExactly("gone");
            assertThat(actions.commit().adds())
                    .extracting(DeltaCommit.DataFile::path)
                    .containsExactly("a", "d");
        });
        assertThat(west.lastCheckpointVersion()).hasValue(4);

        clock = Clock.fixed(now.plus(LogBridge.GRACE), ZoneOffset.UTC);
        run(mirror());

        assertThat(west.commit(4)).hasValue(east.commit(4).orElseThrow());
        assertThat(west.commit(3)).isEmpty();
        assertThat(west.commit(1)).isEmpty();
        assertThat(west.commit(0)).isPresent();
        assertThat(west.newestVersion()).hasValue(5);
    }

    @Test
    void aFenceIsCarriedOnlyWithItsLift() throws InterruptedException {
        commit(0, add("a", 3));
        own(1, "fence", 2);
        own(2, "fence", 3);
        TableMirror mirror = mirror();

        run(mirror);
        assertThat(mirror.advance())
                .isInstanceOfSatisfying(
                        Progress.Waiting.class,
                        waiting -> assertThat(waiting.reason()).contains("version 1 of the source is the fence"));
        assertThat(west.newestVersion()).hasValue(0);

        own(3, "lift", 4);
        commit(4, add("b", 3));
        run(mirror);
        assertThat(west.newestVersion()).hasValue(4);
    }

    private void own(long version, String marker, long epoch) {
        String info = "{\"commitInfo\":{\"timestamp\":1,\"breakwater\":{\"marker\":\"" + marker + "\",\"epoch\":"
                + epoch + ",\"operation\":\"op\"}}}";
        source.put(east.commitFile(version), info.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void checksumsFollowTheirCommits() throws InterruptedException {
        commit(0, add("a", 3));
        TableMirror mirror = mirror();
        run(mirror);
        ObjectUri checksum = east.file("00000000000000000000.crc");
        source.put(checksum, new byte[] {7});

        run(mirror);

        assertThat(target.get(west.file("00000000000000000000.crc"))).isPresent();
    }

    @Test
    void aMirrorThatIsFarBehindIsAnAlarmUntilItHasCaughtUp() throws InterruptedException {
        // The store in memory says of each object that it is as old as time.
        clock = Clock.fixed(Instant.EPOCH.plus(Duration.ofDays(4)), ZoneOffset.UTC);
        TableMirror mirror = mirror();
        commit(0, table("x"), add("a", 1));
        run(mirror);
        assertThat(mirror.retentionAlarm()).isEmpty();
        commit(1, add("b", 1));
        source.delete(EAST.resolve("b"));

        assertThat(mirror.advance()).isInstanceOf(Progress.Waiting.class);
        assertThat(mirror.retentionAlarm()).isPresent();

        add("b", 1);
        run(mirror);
        assertThat(mirror.retentionAlarm()).isEmpty();
    }

    private TableMirror mirror() {
        return new TableMirror(
                MirroredTable.of(
                        AssetId.parse("delta-table/t"),
                        Optional.of("archiver"),
                        source,
                        EAST,
                        target,
                        WEST,
                        copier,
                        policy),
                clock);
    }

    private static void run(TableMirror mirror) throws InterruptedException {
        for (int i = 0; i < 10 && mirror.advance() instanceof Progress.Moving; i++) {
            assertThat(i).as("it comes to an end").isLessThan(9);
        }
    }

    private void commit(long version, String... actions) {
        List<String> lines = new ArrayList<>(List.of("{\"commitInfo\":{\"timestamp\":" + version + "}}"));
        lines.addAll(List.of(actions));
        source.put(east.commitFile(version), String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    private String add(String path, int size) {
        source.put(EAST.resolve(path), new byte[size]);
        return "{\"add\":{\"path\":\"" + path.replace(" ", "%20") + "\",\"size\":" + size + "}}";
    }

    private static String table(String id) {
        return "{\"metaData\":{\"id\":\"" + id + "\"}}";
    }

    private static String remove(String path) {
        return "{\"remove\":{\"path\":\"" + path + "\"}}";
    }

    private static String txn(long offset) {
        return "{\"txn\":{\"appId\":\"breakwater:archiver:eastCluster:in-0\",\"version\":" + offset + "}}";
    }

    private static OffsetVector at(long offset) {
        return new OffsetVector(new TreeMap<>(Map.of(INPUT, offset)));
    }
}
