package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PromotionCommit;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.MirrorPolicy;
import io.breakwater.replicator.delta.MirroredTable;
import io.breakwater.replicator.delta.ReplicaSweep;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.delta.DeltaVerifier;
import io.breakwater.verification.delta.TableReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The Delta mirror between two real S3 servers, with the workload's own table writer at the source. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeltaMirrorIT {

    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final ProjectLayout layout = ProjectLayout.find();

    private Path directory;
    private S3Server east;
    private S3Server west;
    private ObjectStore source;
    private ObjectStore target;

    @BeforeAll
    void servers(@TempDir Path shared) throws InterruptedException {
        directory = shared;
        Progress progress = Progress.to(System.out);
        east = S3Server.in(layout, "s3-east", directory.resolve("east"), Map.of("lake", "lake-east"));
        west = S3Server.in(layout, "s3-west", directory.resolve("west"), Map.of("lake", "lake-west"));
        east.start(progress);
        west.start(progress);
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

    @Test
    void followsAWriterOverARestartAndEqualsItsSourceAtEachVersion() throws Exception {
        int versions = 24;
        Path platform = platform("followed");
        FlightTable table = writer("followed");
        ExecutorService writing = Executors.newSingleThreadExecutor();
        try {
            Future<?> written = writing.submit(() -> {
                append(table, 0, versions);
                return null;
            });
            try (MirrorRun first = new MirrorRun(platform)) {
                first.pollUntil(() -> first.hasAnnounced("followed", 5));
                assertAscending(first.versions("followed"));
            }
            try (MirrorRun second = new MirrorRun(platform)) {
                second.pollUntil(() -> second.hasAnnounced("followed", versions - 1));
                assertAscending(second.versions("followed"));
                assertThat(second.versions("followed").get(0)).isGreaterThanOrEqualTo(5);
                second.pollUntil(() -> hint("followed").isPresent());
            }
            written.get();
        } finally {
            writing.shutdownNow();
        }
        assertSame("followed", 0, versions - 1);
        assertThat(log(target, west, "followed").lastCheckpointVersion()).hasValue(20);
        assertThat(verified("followed", versions - 1))
                .isInstanceOfSatisfying(
                        VerificationResult.Verified.class,
                        verified -> assertThat(
                                        verified.figures().path("standalone").asBoolean())
                                .isTrue());
        String lost = new TableReader(target, uri(west, "followed"))
                .files(versions - 1)
                .firstKey();
        target.delete(uri(west, "followed").resolve(lost));
        assertThat(verified("followed", versions - 1))
                .isEqualTo(new VerificationResult.Mismatch(
                        List.of(lost + ": the version needs it, there is no such object")));
    }

    @Test
    void seedsFromACheckpointWhereTheLogDoesNotReachBack() throws Exception {
        FlightTable table = writer("cleaned");
        append(table, 0, 13);
        DeltaLogFiles log = log(source, east, "cleaned");
        for (LogFile file : log.listFrom(0)) {
            if (file.version() < 10) {
                source.delete(file.info().uri());
            }
        }

        try (MirrorRun mirror = new MirrorRun(platform("cleaned"))) {
            mirror.pollUntil(() -> mirror.hasAnnounced("cleaned", 12));
            assertThat(mirror.versions("cleaned")).containsExactly(10L, 11L, 12L);
        }

        assertSame("cleaned", 10, 12);
    }

    @Test
    void aForkStopsItsTableAndNoOther() throws Exception {
        FlightTable forked = writer("forked");
        FlightTable other = writer("other");
        append(forked, 0, 3);
        append(other, 0, 3);
        byte[] foreign =
                "{\"commitInfo\":{\"timestamp\":1,\"operation\":\"WRITE\"}}\n".getBytes(StandardCharsets.UTF_8);

        try (MirrorRun mirror = new MirrorRun(platform("forked", "other"))) {
            mirror.pollUntil(() -> mirror.hasAnnounced("forked", 2) && mirror.hasAnnounced("other", 2));
            target.put(log(target, west, "forked").commitFile(3), foreign);
            append(forked, 3, 5);
            append(other, 3, 5);
            mirror.pollUntil(() -> mirror.hasAnnounced("other", 4));
            assertThat(mirror.versions("forked")).containsOnly(0L, 1L, 2L);
        }

        assertThat(log(target, west, "forked").commit(3)).hasValue(foreign);
        assertThat(log(target, west, "forked").commit(4)).isEmpty();
        assertSame("other", 0, 4);
    }

    @Test
    void aLateMirrorLosesToThePromotion() throws Exception {
        FlightTable table = writer("promoted");
        append(table, 0, 2);
        try (MirrorRun late = new MirrorRun(platform("promoted"))) {
            late.pollUntil(() -> late.hasAnnounced("promoted", 1));
            DeltaLogFiles replica = log(target, west, "promoted");
            PromotionCommit.Outcome outcome = new PromotionCommit(
                            new Epoch(2), "op-1", "flights-archiver", "westCluster", new TreeMap<>(Map.of(INPUT, 40L)))
                    .write(target, replica, 1, Instant.now());
            assertThat(outcome).isEqualTo(new PromotionCommit.Outcome.Promoted(2));
            append(table, 2, 4);
            for (int poll = 0; poll < 5; poll++) {
                late.poll();
            }
            assertThat(late.versions("promoted")).containsOnly(0L, 1L);
            assertThat(replica.newestVersion()).hasValue(2);
        }
        // The promoted region's writer finds its own positions and goes on.
        FlightTable promoted =
                new FlightTable(target, west.site(), location(west, "promoted"), "flights-archiver", "westCluster");
        assertThat(promoted.positions(List.of(INPUT)).end(INPUT)).hasValue(40);
        assertThat(promoted.append(events(900, 5), at(40), at(45))).isEqualTo(3);
        assertThat(new TableReader(target, uri(west, "promoted")).content(3).rows())
                .isEqualTo(25);
    }

    /** Behind by the delay, and a promotion takes what it is then: what came later loses to it. */
    @Test
    void aDelayedReplicaIsPromotedAsItIs() throws Exception {
        Duration delay = Duration.ofSeconds(5);
        FlightTable table = writer("delayed");
        append(table, 0, 1);
        DeltaLogFiles original = log(source, east, "delayed");
        DeltaLogFiles replica = log(target, west, "delayed");
        Path platform = MirrorRun.platform(
                directory.resolve("delayed.yaml"),
                east,
                west,
                "      - {kind: delta-table, name: delayed, path: \"s3://{lake}/delayed\", delay: " + delay + "}\n");
        try (MirrorRun mirror = new MirrorRun(platform)) {
            mirror.pollUntil(() -> replica.newestVersion().isPresent());
            assertThat(Instant.now())
                    .isAfterOrEqualTo(original.head(original.commitFile(0))
                            .orElseThrow()
                            .lastModified()
                            .plus(delay));
            mirror.pollUntil(() -> mirror.hasAnnounced("delayed", 0));

            append(table, 1, 2);
            String file = onlyIn(1);
            mirror.pollUntil(
                    () -> target.head(uri(west, "delayed").resolve(file)).isPresent());
            assertThat(replica.newestVersion())
                    .as("its file is here, it is not")
                    .hasValue(0);
            assertThat(new PromotionCommit(new Epoch(2), "op-1", "flights-archiver", "westCluster", new TreeMap<>())
                            .write(target, replica, 0, Instant.now()))
                    .isEqualTo(new PromotionCommit.Outcome.Promoted(1));
            byte[] promotion = replica.commit(1).orElseThrow();
            mirror.pollUntil(() ->
                    mirror.alarms().stream().anyMatch(alarm -> alarm.message().contains("fork") && alarm.blocking()));
            assertThat(mirror.versions("delayed")).containsOnly(0L);
            assertThat(replica.commit(1)).hasValue(promotion);
            assertThat(replica.newestVersion()).hasValue(1);
        }
        assertThat(new TableReader(target, uri(west, "delayed")).content(1).rows())
                .as("without what was held back")
                .isEqualTo(10);
    }

    private String onlyIn(long version) throws Exception {
        TableReader reader = new TableReader(source, uri(east, "delayed"));
        Set<String> files = new TreeSet<>(reader.files(version).keySet());
        files.removeAll(reader.files(version - 1).keySet());
        return files.iterator().next();
    }

    @Test
    void aVacuumIsFollowedAndWhatAnInterruptedCopyLeftIsCollected() throws Exception {
        FlightTable table = writer("swept");
        append(table, 0, 2);
        DeltaLogFiles original = log(source, east, "swept");
        String vacuumed = new TableReader(source, uri(east, "swept")).files(0).firstKey();
        source.put(
                original.commitFile(2),
                ("{\"commitInfo\":{\"timestamp\":1,\"operation\":\"DELETE\"}}\n{\"remove\":{\"path\":\"" + vacuumed
                                + "\",\"deletionTimestamp\":1,\"dataChange\":true}}\n")
                        .getBytes(StandardCharsets.UTF_8));
        try (MirrorRun mirror = new MirrorRun(platform("swept"))) {
            mirror.pollUntil(() -> mirror.hasAnnounced("swept", 2));
        }
        source.delete(uri(east, "swept").resolve(vacuumed));
        ObjectUri orphan = uri(west, "swept").resolve("part-of-nothing.parquet");
        target.put(orphan, new byte[3]);
        MirrorPolicy policy =
                new MirrorPolicy(Set.of(), MirrorPolicy.Remade.REFUSE, MirrorPolicy.Vacuum.FOLLOW, Duration.ofDays(7));
        Clock inEightDays = Clock.offset(Clock.systemUTC(), Duration.ofDays(8));

        try (ObjectCopier copier = new ObjectCopier(source, target, CopyLimits.standard())) {
            MirroredTable swept = MirroredTable.of(
                    AssetId.parse("delta-table/swept"),
                    Optional.empty(),
                    source,
                    uri(east, "swept"),
                    target,
                    uri(west, "swept"),
                    copier,
                    policy);
            assertThat(new ReplicaSweep(swept, inEightDays).sweep(Set.of(0L)))
                    .as("a recovery point names version 0")
                    .isEqualTo(new ReplicaSweep.Outcome.Swept(0, 1, 3));
            assertThat(new ReplicaSweep(swept, inEightDays).sweep(Set.of()))
                    .isInstanceOfSatisfying(
                            ReplicaSweep.Outcome.Swept.class,
                            outcome -> assertThat(outcome.vacuumed()).isEqualTo(1));
        }
        assertThat(target.head(orphan)).isEmpty();
        assertThat(target.head(uri(west, "swept").resolve(vacuumed))).isEmpty();
        assertSame("swept", 2, 2);
    }

    @Test
    void aFenceIsNeverCarried() throws Exception {
        FlightTable table = writer("fenced");
        append(table, 0, 2);
        DeltaLogFiles log = log(source, east, "fenced");
        source.put(
                log.commitFile(2),
                "{\"commitInfo\":{\"timestamp\":1,\"breakwater\":{\"marker\":\"fence\",\"epoch\":2,\"operation\":\"op-1\"}}}\n"
                        .getBytes(StandardCharsets.UTF_8));

        try (MirrorRun mirror = new MirrorRun(platform("fenced"))) {
            mirror.pollUntil(() -> mirror.hasAnnounced("fenced", 1));
            for (int poll = 0; poll < 3; poll++) {
                mirror.poll();
            }
        }

        assertThat(log(target, west, "fenced").newestVersion()).hasValue(1);
    }

    private void assertSame(String name, long first, long last) throws Exception {
        TableReader original = new TableReader(source, uri(east, name));
        TableReader replica = new TableReader(target, uri(west, name));
        for (long version = first; version <= last; version++) {
            assertThat(replica.content(version)).isEqualTo(original.content(version));
        }
    }

    private VerificationResult verified(String name, long version) throws Exception {
        return new DeltaVerifier()
                .verify(target, uri(west, name), version, Optional.of(new DeltaVerifier.Side(source, uri(east, name))));
    }

    private Optional<byte[]> hint(String name) {
        return target.get(log(target, west, name).lastCheckpointFile())
                .filter(bytes -> DeltaLogFiles.hintedVersion(bytes).orElse(0) == 20);
    }

    private static void assertAscending(List<Long> versions) {
        List<Long> distinct = versions.stream().distinct().toList();
        assertThat(distinct).isSorted();
        assertThat(distinct.get(distinct.size() - 1) - distinct.get(0)).isEqualTo(distinct.size() - 1);
    }

    private FlightTable writer(String name) {
        return new FlightTable(source, east.site(), location(east, name), "flights-archiver", "eastCluster");
    }

    private static void append(FlightTable table, int from, int to) throws IOException {
        for (int version = from; version < to; version++) {
            OffsetVector before = version == 0 ? OffsetVector.EMPTY : at(version * 10L);
            assertThat(table.append(events(version, 10), before, at((version + 1) * 10L)))
                    .isEqualTo(version);
        }
    }

    private static List<FlightEvent> events(int version, int count) {
        List<FlightEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long id = version * 10L + i;
            events.add(new FlightEvent(id, id, "ATL", "BOS", "2001-0" + (1 + version % 3) + "-01T00:47", i, 946, id));
        }
        return events;
    }

    private static OffsetVector at(long offset) {
        return new OffsetVector(new TreeMap<>(Map.of(INPUT, offset)));
    }

    private static DeltaLogFiles log(ObjectStore store, S3Server server, String name) {
        return new DeltaLogFiles(store, uri(server, name));
    }

    private static ObjectUri uri(S3Server server, String name) {
        return ObjectUri.parse(server.site().locate("s3://{lake}/" + name));
    }

    private static String location(S3Server server, String name) {
        return LakeSettings.s3a(uri(server, name).toString());
    }

    private Path platform(String... tables) throws IOException {
        Map<String, String> paths = new TreeMap<>();
        for (String table : tables) {
            paths.put(table, table);
        }
        return MirrorRun.platform(directory.resolve(String.join("-", tables) + ".yaml"), east, west, paths);
    }
}
