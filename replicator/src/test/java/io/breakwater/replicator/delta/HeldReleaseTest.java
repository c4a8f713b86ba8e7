package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.region.BridgeMark;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.VersionTimes;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.TableRestore.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A delay holds back versions of which some were vacuumed at the source before their files could be copied; then they
 * are put on the replica, and it is read after each put, also by who comes after the release died there.
 */
class HeldReleaseTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");
    private static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    private static final MirrorPolicy AN_HOUR = new MirrorPolicy(
            Set.of(), MirrorPolicy.Remade.REFUSE, MirrorPolicy.Vacuum.KEEP, Duration.ofDays(7), Duration.ofHours(1));
    private static final int MANY = 30;

    @TempDir
    private Path folder;

    private FaultyStore source = new FaultyStore();
    private FaultyStore target = new FaultyStore();
    private DeltaLogFiles west = new DeltaLogFiles(target, WEST);
    private final Map<Long, Set<String>> versions = new TreeMap<>();
    private final Set<Long> seen = new TreeSet<>();
    private int changes;

    @Test
    void eachPutLeavesAVersionOfTheSourceThatCanBeRead() throws Exception {
        held();

        assertThat(release(7)).isEqualTo(new Outcome.Released(7, 7));

        assertThat(newestFiles()).isEqualTo(versions.get(7L));
        assertThat(seen).containsExactly(1L, 4L, 5L, 7L);
        assertThat(west.commit(2).filter(BridgeMark::isFilling)).isPresent();
        assertThat(west.commit(5))
                .as("of those that can be read the bytes stay")
                .hasValue(bytes(5));
        assertThat(new VersionTimes(target, WEST).all().values())
                .as("as a reader at the source had them, not when they were released")
                .allMatch(NOON::isAfter)
                .hasSize(8);
    }

    @Test
    void alsoForWhoComesAfterItDied() throws Exception {
        for (int death = 1; death < MANY; death++) {
            held();
            int last = death;
            target.afterEachChange(() -> changed(last));
            boolean died = releaseDies();
            target.dead(false);
            target.afterEachChange(() -> changed(-1));
            check();

            if (died && west.newestVersion().orElseThrow() < 7) {
                assertThat(release(7)).as("after change %d", death).isInstanceOf(Outcome.Released.class);
            }

            assertThat(newestFiles()).as("after change %d", death).isEqualTo(versions.get(7L));
            if (!died) {
                assertThat(death).isGreaterThan(7);
                return;
            }
        }
        throw new AssertionError("it makes more than " + MANY + " changes");
    }

    /** The source lives: its mirror goes on with what a release began, when the time has come. */
    @Test
    void theMirrorEndsWhatAReleaseBegan() throws Exception {
        for (int death = 1; death <= 7; death++) {
            held();
            int last = death;
            target.afterEachChange(() -> changed(last));
            releaseDies();
            target.dead(false);
            target.afterEachChange(() -> changed(-1));

            mirror(NOON.plus(Duration.ofHours(3)));
            mirror(NOON.plus(Duration.ofHours(4)));
            mirror(NOON.plus(Duration.ofHours(5)));

            for (long version = 0; version <= 7; version++) {
                assertThat(west.commit(version))
                        .as("version %d after change %d", version, death)
                        .hasValue(bytes(version));
            }
        }
    }

    @Test
    void aVersionThatLacksFilesIsNotTheEnd() throws Exception {
        held();

        assertThat(release(3))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.reason())
                                .isEqualTo("1 files of version 3 are gone, such as vacuumed"));
        assertThat(west.newestVersion()).hasValue(0);
        assertThat(release(1)).isEqualTo(new Outcome.Released(1, 1));
    }

    /** Version 0 on the replica; 1 to 7 held back, of which 2, 3 and 6 need files that were vacuumed. */
    private void held() throws InterruptedException {
        source = new FaultyStore();
        target = new FaultyStore();
        west = new DeltaLogFiles(target, WEST);
        versions.clear();
        source.at(NOON.minus(Duration.ofHours(3)));
        commit("{\"metaData\":{\"id\":\"one\"}}", add("a"));
        source.at(NOON.minus(Duration.ofMinutes(30)));
        commit(add("b"));
        commit(add("vacuumed"), remove("a"));
        commit(add("c"));
        commit(remove("vacuumed"), add("d"));
        commit(add("e"));
        commit(add("again"), remove("b"));
        commit(remove("again"), add("f"));
        source.delete(EAST.resolve("vacuumed"));
        source.delete(EAST.resolve("again"));
        mirror(NOON);
        assertThat(west.newestVersion()).hasValue(0);
        assertThat(new HeldCommits(target, WEST).versions()).hasSize(7);
        changes = 0;
        target.afterEachChange(() -> changed(-1));
    }

    private Outcome release(long version) throws InterruptedException {
        return new TableRestore(target, WEST, Clock.fixed(NOON, ZoneOffset.UTC)).restore(version, false);
    }

    /** @return whether the store died meanwhile */
    private boolean releaseDies() throws InterruptedException {
        try {
            release(7);
            return false;
        } catch (ObjectStoreException e) {
            return true;
        }
    }

    private void mirror(Instant now) throws InterruptedException {
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
                            AN_HOUR),
                    Clock.fixed(now, ZoneOffset.UTC));
            for (int i = 0; i < 20 && mirror.advance() instanceof Progress.Moving; i++) {
                assertThat(i).as("it comes to an end").isLessThan(19);
            }
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
        Set<String> files = newestFiles();
        seen.add(versions.entrySet().stream()
                .filter(version -> version.getValue().equals(files))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new AssertionError("the replica is no version of the source, but has " + files)));
    }

    private Set<String> newestFiles() {
        try {
            TableState state = TableState.at(target, west, west.newestVersion().orElseThrow());
            assertThat(SnapshotFiles.of(state).missing(target, WEST))
                    .as("change %d", changes)
                    .isEmpty();
            return state.files().stream()
                    .map(file -> file.path("path").asText())
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (MirrorHaltException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] bytes(long version) {
        return new DeltaLogFiles(source, EAST).commit(version).orElseThrow();
    }

    private void commit(String... actions) {
        long version = versions.size();
        Set<String> files = new TreeSet<>(versions.getOrDefault(version - 1, Set.of()));
        for (String action : actions) {
            String path = action.replaceAll(".*\"path\":\"([a-z]+)\".*", "$1");
            if (action.startsWith("{\"add\"")) {
                files.add(path);
            } else if (action.startsWith("{\"remove\"")) {
                files.remove(path);
            }
        }
        versions.put(version, files);
        source.put(
                new DeltaLogFiles(source, EAST).commitFile(version),
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
}
