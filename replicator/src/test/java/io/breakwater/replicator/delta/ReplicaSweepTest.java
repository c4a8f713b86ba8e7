package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.fork.KeptLog;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.ReplicaSweep.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions 0 to 4 are committed a second after each other; version 2 takes out a, version 3 b. */
class ReplicaSweepTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private final DeltaLogFiles east = new DeltaLogFiles(source, EAST);
    private ObjectCopier copier;

    @BeforeEach
    void replica() throws InterruptedException {
        copier = new ObjectCopier(source, target, new CopyLimits(2, 1000, 2, Duration.ofMillis(1), folder));
        commit(0, add("a"), add("c"));
        commit(1, add("b"));
        commit(2, remove("a"));
        commit(3, remove("b"));
        commit(4, add("d"));
        TableMirror mirror = new TableMirror(table(MirrorPolicy.Vacuum.KEEP), Clock.systemUTC());
        assertThat(mirror.advance()).isInstanceOf(Progress.Moving.class);
        source.delete(EAST.resolve("a"));
        source.delete(EAST.resolve("b"));
    }

    @AfterEach
    void close() {
        copier.close();
    }

    @Test
    void whatTheSourceHasVacuumedGoesOnceNoKeptVersionNeedsIt() throws InterruptedException {
        assertThat(sweep(MirrorPolicy.Vacuum.FOLLOW, at(102), Set.of())).isEqualTo(new Outcome.Swept(1, 0, 3));

        assertThat(target.get(WEST.resolve("a")))
                .as("version 2 is the oldest kept")
                .isEmpty();
        assertThat(target.get(WEST.resolve("b"))).isPresent();
        assertThat(sweep(MirrorPolicy.Vacuum.FOLLOW, at(104), Set.of())).isEqualTo(new Outcome.Swept(1, 0, 3));
        assertThat(target.get(WEST.resolve("c"))).isPresent();
        assertThat(target.get(WEST.resolve("d"))).isPresent();
    }

    @Test
    void aRecoveryPointsVersionStaysReadable() throws InterruptedException {
        assertThat(sweep(MirrorPolicy.Vacuum.FOLLOW, at(104), Set.of(1L))).isEqualTo(new Outcome.Swept(0, 0, 0));
    }

    @Test
    void whatIsStillAtTheSourceOrKeptByPolicyStays() throws InterruptedException {
        assertThat(sweep(MirrorPolicy.Vacuum.KEEP, at(104), Set.of())).isEqualTo(new Outcome.Swept(0, 0, 0));
        source.put(EAST.resolve("a"), new byte[3]);
        source.put(EAST.resolve("b"), new byte[3]);
        assertThat(sweep(MirrorPolicy.Vacuum.FOLLOW, at(104), Set.of())).isEqualTo(new Outcome.Swept(0, 0, 0));
    }

    @Test
    void leftOversOfInterruptedCopiesAreCollectedButNotWhileOneMayGoOn() throws InterruptedException {
        target.put(WEST.resolve("day=1/left"), new byte[7]);
        commit(5, add("e"));
        assertThat(sweep(MirrorPolicy.Vacuum.KEEP, at(104), Set.of())).isInstanceOf(Outcome.NotNow.class);
        source.delete(east.commitFile(5));

        assertThat(sweep(MirrorPolicy.Vacuum.KEEP, at(104), Set.of())).isEqualTo(new Outcome.Swept(0, 1, 7));
        assertThat(target.get(WEST.resolve("day=1/left"))).isEmpty();
    }

    @Test
    void theFilesOfCommitsThatWereMovedAsideStayForAsLongAsVersionsAreKept() throws InterruptedException {
        target.put(WEST.resolve("day=1/lost"), new byte[7]);
        String manifest = "{\"formatVersion\":1,\"epoch\":2,\"table\":\"" + WEST + "\",\"ancestor\":4,\"keptAt\":\""
                + at(104) + "\",\"files\":[]}";
        target.put(KeptLog.folder(WEST, new Epoch(2)).resolve(KeptLog.NAME), manifest.getBytes(StandardCharsets.UTF_8));

        assertThat(sweep(MirrorPolicy.Vacuum.KEEP, at(103), Set.of())).isEqualTo(new Outcome.Swept(0, 0, 0));
        assertThat(sweep(MirrorPolicy.Vacuum.KEEP, at(105), Set.of())).isEqualTo(new Outcome.Swept(0, 1, 7));

        target.put(WEST.resolve("day=1/lost"), new byte[7]);
        target.put(KeptLog.folder(WEST, new Epoch(4)).resolve("_delta_log/0.json"), new byte[1]);
        assertThat(sweep(MirrorPolicy.Vacuum.KEEP, at(105), Set.of()))
                .as("of an epoch whose manifest is not written yet")
                .isEqualTo(new Outcome.Swept(0, 0, 0));
    }

    /** @param keptFrom the time from which on versions are kept */
    private Outcome sweep(MirrorPolicy.Vacuum vacuum, Instant keptFrom, Set<Long> kept) throws InterruptedException {
        return new ReplicaSweep(table(vacuum), Clock.fixed(keptFrom.plus(Duration.ofDays(2)), ZoneOffset.UTC))
                .sweep(kept);
    }

    private MirroredTable table(MirrorPolicy.Vacuum vacuum) {
        return MirroredTable.of(
                AssetId.parse("delta-table/t"),
                Optional.empty(),
                source,
                EAST,
                target,
                WEST,
                copier,
                new MirrorPolicy(Set.of(), MirrorPolicy.Remade.REFUSE, vacuum, Duration.ofDays(2)));
    }

    private void commit(long version, String... actions) {
        String info =
                "{\"commitInfo\":{\"inCommitTimestamp\":" + at(100 + version).toEpochMilli() + "}}\n";
        source.put(east.commitFile(version), (info + String.join("\n", actions)).getBytes(StandardCharsets.UTF_8));
    }

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }

    private String add(String path) {
        source.put(EAST.resolve(path), new byte[3]);
        return "{\"add\":{\"path\":\"" + path + "\",\"size\":3}}";
    }

    private static String remove(String path) {
        return "{\"remove\":{\"path\":\"" + path + "\"}}";
    }
}
