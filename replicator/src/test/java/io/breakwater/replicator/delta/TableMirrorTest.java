package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    void checksumsFollowTheirCommits() throws InterruptedException {
        commit(0, add("a", 3));
        TableMirror mirror = mirror();
        run(mirror);
        ObjectUri checksum = east.file("00000000000000000000.crc");
        source.put(checksum, new byte[] {7});

        run(mirror);

        assertThat(target.get(west.file("00000000000000000000.crc"))).isPresent();
    }

    private TableMirror mirror() {
        return new TableMirror(
                MirroredTable.of(
                        AssetId.parse("delta-table/t"), Optional.of("archiver"), source, EAST, target, WEST, copier),
                Clock.systemUTC());
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
