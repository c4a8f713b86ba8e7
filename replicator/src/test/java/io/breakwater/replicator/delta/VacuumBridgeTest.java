package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.region.BridgeMark;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A source that was vacuumed between its commits, and a mirror that dies after each single change that it makes of the
 * replica: whichever was the last, the replica's newest version is there with all its files, and is one of the source's.
 */
class VacuumBridgeTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");
    private static final Instant NOW = Instant.ofEpochSecond(1000);
    private static final int MANY = 200;

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final DeltaLogFiles east = new DeltaLogFiles(source, EAST);
    private FaultyStore target = new FaultyStore();
    private DeltaLogFiles west = new DeltaLogFiles(target, WEST);
    private final Set<Long> seen = new TreeSet<>();
    private int changes;

    @Test
    void fromAVersionThatIsThere() throws Exception {
        table(0);
        commit(1, add("b"), add("z"));
        commit(2, remove("a"), add("c"), txn(7));
        commit(3, remove("b"), add("d"), txn(9));
        commit(4, add("e"));
        commit(5, add("f"), remove("z"));
        commit(6, remove("f"), add("a"));
        commit(7, add("g"));
        source.delete(EAST.resolve("b"));
        source.delete(EAST.resolve("f"));

        int died = eachDeath(() -> {});

        assertThat(died).isGreaterThan(20);
        assertThat(seen).containsExactly(0L, 3L, 4L, 6L, 7L);
    }

    @Test
    void fromTheBeginning() throws Exception {
        table(0);
        commit(1, add("b"));
        commit(2, remove("a"), add("c"));
        commit(3, remove("b"), add("d"));
        source.delete(EAST.resolve("a"));
        source.delete(EAST.resolve("b"));

        int died = eachDeath(() -> {});

        assertThat(died).isGreaterThan(12);
        assertThat(seen).containsExactly(3L);
    }

    @Test
    void alsoIfTheFilesAreThereAgainAfterwards() throws Exception {
        table(0);
        commit(1, add("b"));
        commit(2, add("c"));
        commit(3, remove("b"), add("d"));

        eachDeath(() -> source.put(EAST.resolve("b"), new byte[3]));

        assertThat(seen).contains(0L, 3L);
    }

    @Test
    void aCompactionOfTheSourceIsNotMixedWithWhatStandsForItsCommits() throws Exception {
        table(0);
        commit(1, add("b"), add("z"));
        commit(2, add("c"));
        commit(3, remove("b"), add("d"));
        source.delete(EAST.resolve("b"));
        source.put(
                east.file("00000000000000000002.00000000000000000003.compacted.json"),
                String.join("\n", add("c"), remove("b"), add("d")).getBytes(StandardCharsets.UTF_8));

        run(NOW);

        assertThat(west.newestVersion()).hasValue(3);
        assertThat(west.commit(1).filter(BridgeMark::isFilling)).isPresent();
        assertThat(west.listFrom(0)).hasSize(4);
    }

    @Test
    void whatTheSourceNoLongerHasStaysAsItIs() throws Exception {
        table(0);
        commit(1, add("b"));
        commit(2, add("c"));
        commit(3, remove("b"), add("d"));
        commit(4, add("e"));
        source.delete(EAST.resolve("b"));
        run(NOW);
        source.delete(east.commitFile(0));
        source.delete(east.commitFile(1));

        run(NOW.plus(LogBridge.GRACE));
        run(NOW.plus(LogBridge.GRACE.multipliedBy(2)));

        assertThat(west.commit(1).filter(BridgeMark::isFilling)).isPresent();
        assertThat(west.commit(3).filter(BridgeMark::isMarked)).isPresent();
        assertThat(TableState.at(target, west, 4).files())
                .extracting(file -> file.path("path").asText())
                .containsExactlyInAnyOrder("a", "c", "d", "e");
    }

    /**
     * @param afterDeath what happens at the source before the next mirror comes
     * @return how many changes there were after which it died
     */
    private int eachDeath(Runnable afterDeath) throws Exception {
        byte[] vacuumed = source.get(EAST.resolve("b")).orElse(null);
        for (int death = 1; death < MANY; death++) {
            target = new FaultyStore();
            west = new DeltaLogFiles(target, WEST);
            if (vacuumed != null) {
                source.delete(EAST.resolve("b"));
            }
            int last = death;
            changes = 0;
            target.afterEachChange(() -> changed(last));
            boolean died = false;
            for (int graces = 0; graces <= 2; graces++) {
                Instant now = NOW.plus(LogBridge.GRACE.multipliedBy(graces));
                run(now);
                if (changes >= death && !died) {
                    died = true;
                    target.dead(false);
                    check();
                    afterDeath.run();
                    run(now);
                }
            }
            // One that died is later by the time that it was away.
            run(NOW.plus(LogBridge.GRACE.multipliedBy(3)));
            run(NOW.plus(LogBridge.GRACE.multipliedBy(4)));
            assertSameLog("after a death at change " + death);
            if (!died) {
                return death - 1;
            }
        }
        throw new AssertionError("it makes more than " + MANY + " changes");
    }

    private void assertSameLog(String when) {
        long newest = east.newestVersion().orElseThrow();
        assertThat(west.newestVersion()).as(when).hasValue(newest);
        for (long version = 0; version <= newest; version++) {
            assertThat(west.commit(version))
                    .as("%s: version %d", when, version)
                    .hasValue(east.commit(version).orElseThrow());
        }
    }

    private synchronized void changed(int death) {
        check();
        if (++changes == death) {
            target.dead(true);
            throw new ObjectStoreException(ObjectStoreException.Reason.UNREACHABLE, "died here", null);
        }
    }

    /** What a reader does who comes now. */
    private void check() {
        OptionalLong newest = west.newestVersion();
        if (newest.isEmpty()) {
            return;
        }
        try {
            TableState state = TableState.at(target, west, newest.getAsLong());
            assertThat(SnapshotFiles.of(state).missing(target, WEST))
                    .as("change %d, version %d lacks", changes, newest.getAsLong())
                    .isEmpty();
            seen.add(versionOf(state));
        } catch (MirrorHaltException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private long versionOf(TableState state) throws MirrorHaltException, InterruptedException {
        for (long version = 0; version <= east.newestVersion().orElseThrow(); version++) {
            TableState meant = TableState.at(source, east, version);
            if (Set.copyOf(meant.files()).equals(Set.copyOf(state.files()))
                    && meant.single("metaData").equals(state.single("metaData"))) {
                return version;
            }
        }
        throw new AssertionError("change " + changes + ": the replica is no version of the source, but has "
                + state.files().stream().map(file -> file.path("path").asText()).collect(Collectors.joining(" ")));
    }

    private void table(long version) {
        commit(version, "{\"metaData\":{\"id\":\"one\"}}", add("a"));
    }

    private void commit(long version, String... actions) {
        source.put(
                east.commitFile(version),
                ("{\"commitInfo\":{\"timestamp\":" + version + "}}\n" + String.join("\n", actions))
                        .getBytes(StandardCharsets.UTF_8));
    }

    private String add(String path) {
        source.put(EAST.resolve(path), new byte[3]);
        return "{\"add\":{\"path\":\"" + path + "\",\"size\":3}}";
    }

    private static String remove(String path) {
        return "{\"remove\":{\"path\":\"" + path + "\"}}";
    }

    private static String txn(long offset) {
        return "{\"txn\":{\"appId\":\"breakwater:archiver:eastCluster:in-0\",\"version\":" + offset + "}}";
    }

    private void run(Instant now) throws InterruptedException {
        CopyLimits limits = new CopyLimits(2, 1000, 2, Duration.ofMillis(1), folder);
        try (ObjectCopier copier = new ObjectCopier(source, target, limits)) {
            TableMirror mirror = new TableMirror(
                    MirroredTable.of(
                            AssetId.parse("delta-table/t"),
                            Optional.empty(),
                            source,
                            EAST,
                            target,
                            WEST,
                            copier,
                            MirrorPolicy.careful()),
                    Clock.fixed(now, ZoneOffset.UTC));
            for (int i = 0; i < 20 && mirror.advance() instanceof Progress.Moving; i++) {
                assertThat(i).as("it comes to an end").isLessThan(19);
            }
        }
    }
}
