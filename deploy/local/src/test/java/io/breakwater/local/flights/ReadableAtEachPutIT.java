package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.MirrorPolicy;
import io.breakwater.replicator.delta.MirroredTable;
import io.breakwater.replicator.delta.Progress;
import io.breakwater.replicator.delta.TableMirror;
import io.breakwater.verification.delta.TableContent;
import io.breakwater.verification.delta.TableReader;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import io.delta.standalone.DeltaLog;
import io.delta.standalone.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The newest version of a replica, read by Delta Kernel and by Delta Standalone after every single change of the target:
 * it is always just some version of the source, also while a gap of the source's log, or versions that were vacuumed, are
 * crossed and tidied up.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadableAtEachPutIT {

    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int LAST = 12;

    private final ProjectLayout layout = ProjectLayout.find();
    private final SortedMap<Long, TableContent> sourceAt = new TreeMap<>();
    private final List<String> seen = new ArrayList<>();
    /** The replica's newest version before a gap of the source is crossed. */
    private long before;

    private S3Server east;
    private S3Server west;
    private ObjectStore source;
    private ObjectStore target;

    @BeforeAll
    void servers(@TempDir Path directory) throws InterruptedException {
        east = S3Server.in(layout, "s3-east", directory.resolve("e"), Map.of("lake", "put-east"));
        west = S3Server.in(layout, "s3-west", directory.resolve("w"), Map.of("lake", "put-west"));
        east.start(io.breakwater.local.process.Progress.to(System.out));
        west.start(io.breakwater.local.process.Progress.to(System.out));
        source = S3ObjectStore.connect(east.site(), TIMEOUT);
        target = S3ObjectStore.connect(west.site(), TIMEOUT);
    }

    @AfterAll
    void end() {
        source.close();
        target.close();
        east.close();
        west.close();
    }

    @BeforeEach
    void forget() {
        sourceAt.clear();
        seen.clear();
    }

    @Test
    @Tag("full")
    void alsoWhileTheSourcesLogIsCleanedUpBehindTheMirror() throws Exception {
        ObjectUri original = new ObjectUri("put-east", "t");
        ObjectUri replica = new ObjectUri("put-west", "t");
        FlightTable table = new FlightTable(source, east.site(), "s3a://put-east/t", "archiver", "eastCluster");
        ObjectStore watched = new WatchedStore(target, (what, object) -> check(what, object, replica));
        before = LAST;
        append(table, original, 0, 3);

        follow(original, watched, replica, Clock.systemUTC());
        assertThat(new TableReader(target, replica).newest()).isEqualTo(sourceAt.get(2L));

        before = 2;
        append(table, original, 3, LAST + 1);
        DeltaLogFiles log = new DeltaLogFiles(source, original);
        for (LogFile file : log.listFrom(0)) {
            if (file.version() < 10) {
                source.delete(file.info().uri());
            }
        }
        follow(original, watched, replica, Clock.systemUTC());
        assertThat(new TableReader(target, replica).newest()).isEqualTo(sourceAt.get((long) LAST));
        assertThat(new TableReader(target, replica).content(10)).isEqualTo(sourceAt.get(10L));

        follow(original, watched, replica, in(Duration.ofHours(1)));
        DeltaLogFiles copy = new DeltaLogFiles(target, replica);
        assertThat(copy.commit(5)).as("no filling commit is left").isEmpty();
        for (long version = 10; version <= LAST; version++) {
            assertThat(copy.commit(version)).hasValue(log.commit(version).orElseThrow());
            assertThat(new TableReader(target, replica).content(version)).isEqualTo(sourceAt.get(version));
        }
        assertThat(new TableReader(target, replica).content(2)).isEqualTo(sourceAt.get(2L));
        assertThat(seen).hasSizeGreaterThan(30).contains("2", "3 as 2", "9 as 2", "10", "12");
    }

    /**
     * Files of versions 1 to 4 are gone before the mirror comes; version 5 does without. The mirror is killed at each of
     * its puts into the log, once after the first version was carried, once with no replica there.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void alsoWhileVersionsAreCrossedThatWereVacuumed(boolean fromTheBeginning) throws Exception {
        String name = fromTheBeginning ? "fresh" : "behind";
        ObjectUri original = new ObjectUri("put-east", name);
        ObjectUri replica = new ObjectUri("put-west", name);
        FlightTable table = new FlightTable(source, east.site(), "s3a://put-east/" + name, "archiver", "eastCluster");
        append(table, original, 0, 1);
        if (!fromTheBeginning) {
            follow(original, target, replica, Clock.systemUTC());
        }
        append(table, original, 1, 5);
        SortedMap<String, Long> oldest = files(0);
        SortedMap<String, Long> gone = new TreeMap<>(files(1));
        gone.keySet().removeAll(oldest.keySet());
        if (fromTheBeginning) {
            gone.putAll(oldest);
        }
        DeltaLogFiles log = new DeltaLogFiles(source, original);
        String removals = gone.keySet().stream()
                .map(path -> "{\"remove\":{\"path\":\"" + path + "\",\"deletionTimestamp\":1,\"dataChange\":true}}\n")
                .collect(Collectors.joining());
        source.put(
                log.commitFile(5),
                ("{\"commitInfo\":{\"timestamp\":1,\"operation\":\"DELETE\"}}\n" + removals)
                        .getBytes(StandardCharsets.UTF_8));
        sourceAt.put(5L, new TableReader(source, original).newest());
        gone.keySet().forEach(path -> source.delete(original.resolve(path)));
        sourceAt.keySet().retainAll(fromTheBeginning ? Set.of(5L) : Set.of(0L, 5L));

        for (int deaths = 0; deaths < 5; deaths++) {
            AtomicInteger left = new AtomicInteger(1);
            ObjectStore dying = new WatchedStore(target, (what, object) -> {
                checkIsSomeVersion(what + " of " + object, replica);
                if (object.key().contains("_delta_log") && left.getAndDecrement() == 0) {
                    throw new ObjectStoreException(ObjectStoreException.Reason.UNREACHABLE, "died here", null);
                }
            });
            followOnce(original, dying, replica);
        }
        ObjectStore watched =
                new WatchedStore(target, (what, object) -> checkIsSomeVersion(what + " of " + object, replica));
        follow(original, watched, replica, Clock.systemUTC());
        follow(original, watched, replica, in(Duration.ofHours(1)));
        follow(original, watched, replica, in(Duration.ofHours(2)));

        for (long version = 0; version <= 5; version++) {
            assertThat(new DeltaLogFiles(target, replica).commit(version))
                    .hasValue(log.commit(version).orElseThrow());
        }
        assertThat(new TableReader(target, replica).newest()).isEqualTo(sourceAt.get(5L));
        assertThat(seen).hasSizeGreaterThan(10);
    }

    private SortedMap<String, Long> files(long version) {
        return Objects.requireNonNull(sourceAt.get(version)).files();
    }

    private static Clock in(Duration time) {
        return Clock.fixed(Instant.now().plus(time), ZoneOffset.UTC);
    }

    private void follow(ObjectUri original, ObjectStore watched, ObjectUri replica, Clock clock)
            throws InterruptedException {
        try (ObjectCopier copier = new ObjectCopier(source, watched, CopyLimits.standard())) {
            TableMirror mirror = mirror(original, watched, replica, copier, clock);
            Progress progress = mirror.advance();
            for (int step = 0; progress instanceof Progress.Moving; step++) {
                assertThat(step).isLessThan(20);
                progress = mirror.advance();
            }
            assertThat(progress).isInstanceOf(Progress.UpToDate.class);
        }
    }

    private void followOnce(ObjectUri original, ObjectStore watched, ObjectUri replica) throws InterruptedException {
        try (ObjectCopier copier = new ObjectCopier(source, watched, CopyLimits.standard())) {
            mirror(original, watched, replica, copier, Clock.systemUTC()).advance();
        }
    }

    private TableMirror mirror(
            ObjectUri original, ObjectStore watched, ObjectUri replica, ObjectCopier copier, Clock clock) {
        return new TableMirror(
                MirroredTable.of(
                        AssetId.parse("delta-table/t"),
                        Optional.empty(),
                        source,
                        original,
                        watched,
                        replica,
                        copier,
                        MirrorPolicy.careful()),
                clock);
    }

    /** Several threads copy files at a time; each change is looked at by itself. */
    private synchronized void check(String what, ObjectUri object, ObjectUri replica) {
        String when = "after " + what + " of " + object;
        newest(when, replica).ifPresent(kernel -> {
            long meant = kernel.version() > before && kernel.version() < 10 ? before : kernel.version();
            TableContent expected = Objects.requireNonNull(sourceAt.get(meant));
            assertThat(kernel.files()).as(when).isEqualTo(expected.files());
            assertThat(kernel.digest()).as(when).isEqualTo(expected.digest());
            seen.add(kernel.version() + (meant == kernel.version() ? "" : " as " + meant));
        });
    }

    private synchronized void checkIsSomeVersion(String when, ObjectUri replica) {
        newest(when, replica).ifPresent(kernel -> {
            assertThat(sourceAt.values()).as(when).anySatisfy(version -> {
                assertThat(kernel.files()).isEqualTo(version.files());
                assertThat(kernel.digest()).isEqualTo(version.digest());
            });
            seen.add(when + ": " + kernel.version());
        });
    }

    /** What two engines read of the version that a reader gets; empty if there is no table yet. */
    private Optional<TableContent> newest(String when, ObjectUri replica) {
        if (new DeltaLogFiles(target, replica).newestVersion().isEmpty()) {
            return Optional.empty();
        }
        TableContent kernel;
        try {
            kernel = new TableReader(target, replica).newest();
        } catch (UnreadableTableException e) {
            throw new AssertionError(when, e);
        }
        Snapshot standalone = DeltaLog.forTable(LakeSettings.of(west.site()), LakeSettings.s3a(replica.toString()))
                .snapshot();
        SortedMap<String, Long> files = new TreeMap<>();
        standalone.getAllFiles().forEach(file -> files.put(file.getPath(), file.getSize()));
        assertThat(standalone.getVersion()).as(when).isEqualTo(kernel.version());
        assertThat(files).as(when).isEqualTo(kernel.files());
        return Optional.of(kernel);
    }

    private void append(FlightTable table, ObjectUri original, int from, int to)
            throws IOException, UnreadableTableException {
        for (int version = from; version < to; version++) {
            OffsetVector position = version == 0 ? OffsetVector.EMPTY : at(version * 10L);
            List<FlightEvent> events = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                long id = version * 10L + i;
                events.add(new FlightEvent(id, id, "ATL", "BOS", "2001-01-01T00:47", i, 946, id));
            }
            assertThat(table.append(events, position, at((version + 1) * 10L))).isEqualTo(version);
            sourceAt.put((long) version, new TableReader(source, original).newest());
        }
    }

    private static OffsetVector at(long offset) {
        return new OffsetVector(new TreeMap<>(Map.of(INPUT, offset)));
    }
}
