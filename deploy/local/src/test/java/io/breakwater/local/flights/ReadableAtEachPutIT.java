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
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The newest version of a replica, read by Delta Kernel and by Delta Standalone after every single change of the target:
 * it is always just some version of the source, also while a gap of the source's log is crossed and tidied up.
 */
class ReadableAtEachPutIT {

    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int LAST = 12;

    private final ProjectLayout layout = ProjectLayout.find();
    private final SortedMap<Long, TableContent> sourceAt = new TreeMap<>();
    private final List<String> seen = new ArrayList<>();
    /** The replica's newest version before a gap of the source is crossed. */
    private long before;

    @TempDir
    private Path directory;

    @Test
    void alsoWhileTheSourcesLogIsCleanedUpBehindTheMirror() throws Exception {
        try (S3Server east = S3Server.in(layout, "s3-east", directory.resolve("e"), Map.of("lake", "put-east"));
                S3Server west = S3Server.in(layout, "s3-west", directory.resolve("w"), Map.of("lake", "put-west"))) {
            east.start(io.breakwater.local.process.Progress.to(System.out));
            west.start(io.breakwater.local.process.Progress.to(System.out));
            try (ObjectStore source = S3ObjectStore.connect(east.site(), TIMEOUT);
                    ObjectStore target = S3ObjectStore.connect(west.site(), TIMEOUT)) {
                ObjectUri original = new ObjectUri("put-east", "t");
                ObjectUri replica = new ObjectUri("put-west", "t");
                FlightTable table = new FlightTable(source, east.site(), "s3a://put-east/t", "archiver", "eastCluster");
                ObjectStore watched =
                        new WatchedStore(target, (what, object) -> check(what, object, target, west, replica));
                before = LAST;
                append(table, source, original, 0, 3);

                follow(source, original, watched, replica, Clock.systemUTC());
                assertThat(new TableReader(target, replica).newest()).isEqualTo(sourceAt.get(2L));

                before = 2;
                append(table, source, original, 3, LAST + 1);
                DeltaLogFiles log = new DeltaLogFiles(source, original);
                for (LogFile file : log.listFrom(0)) {
                    if (file.version() < 10) {
                        source.delete(file.info().uri());
                    }
                }
                follow(source, original, watched, replica, Clock.systemUTC());
                assertThat(new TableReader(target, replica).newest()).isEqualTo(sourceAt.get((long) LAST));
                assertThat(new TableReader(target, replica).content(10)).isEqualTo(sourceAt.get(10L));

                follow(
                        source,
                        original,
                        watched,
                        replica,
                        Clock.fixed(Instant.now().plus(Duration.ofHours(1)), ZoneOffset.UTC));
                DeltaLogFiles copy = new DeltaLogFiles(target, replica);
                assertThat(copy.commit(5)).as("no filling commit is left").isEmpty();
                for (long version = 10; version <= LAST; version++) {
                    assertThat(copy.commit(version))
                            .hasValue(log.commit(version).orElseThrow());
                    assertThat(new TableReader(target, replica).content(version))
                            .isEqualTo(sourceAt.get(version));
                }
                assertThat(new TableReader(target, replica).content(2)).isEqualTo(sourceAt.get(2L));
                assertThat(seen).hasSizeGreaterThan(30).contains("2", "3 as 2", "9 as 2", "10", "12");
            }
        }
    }

    private void follow(ObjectStore source, ObjectUri original, ObjectStore watched, ObjectUri replica, Clock clock)
            throws InterruptedException {
        try (ObjectCopier copier = new ObjectCopier(source, watched, CopyLimits.standard())) {
            TableMirror mirror = new TableMirror(
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
            Progress progress = mirror.advance();
            for (int step = 0; progress instanceof Progress.Moving; step++) {
                assertThat(step).isLessThan(20);
                progress = mirror.advance();
            }
            assertThat(progress).isInstanceOf(Progress.UpToDate.class);
        }
    }

    /** Several threads copy files at a time; each change is looked at by itself. */
    private synchronized void check(
            String what, ObjectUri object, ObjectStore target, S3Server west, ObjectUri replica) {
        if (new DeltaLogFiles(target, replica).newestVersion().isEmpty()) {
            return;
        }
        String when = "after " + what + " of " + object;
        TableContent kernel;
        try {
            kernel = new TableReader(target, replica).newest();
        } catch (UnreadableTableException e) {
            throw new AssertionError(when, e);
        }
        long meant = kernel.version() > before && kernel.version() < 10 ? before : kernel.version();
        TableContent expected = Objects.requireNonNull(sourceAt.get(meant));
        assertThat(kernel.files()).as(when).isEqualTo(expected.files());
        assertThat(kernel.digest()).as(when).isEqualTo(expected.digest());
        Snapshot standalone = DeltaLog.forTable(LakeSettings.of(west.site()), LakeSettings.s3a(replica.toString()))
                .snapshot();
        SortedMap<String, Long> files = new TreeMap<>();
        standalone.getAllFiles().forEach(file -> files.put(file.getPath(), file.getSize()));
        assertThat(standalone.getVersion()).as(when).isEqualTo(kernel.version());
        assertThat(files).as(when).isEqualTo(kernel.files());
        seen.add(kernel.version() + (meant == kernel.version() ? "" : " as " + meant));
    }

    private void append(FlightTable table, ObjectStore source, ObjectUri original, int from, int to)
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
