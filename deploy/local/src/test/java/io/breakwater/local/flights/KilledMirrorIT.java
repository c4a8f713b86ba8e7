package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The mirror's process is killed again and again at random while a writer goes on: the replica is read all the time, and
 * is always some version of its source. The long form, with Spark and a Connect worker, is {@link FollowedSparkIT}.
 */
class KilledMirrorIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final String TABLE = "killed";
    private static final int FEW_KILLS = 3;
    private static final int MANY_KILLS = 12;
    private static final int MOST_VERSIONS = 600;
    private static final int MOST_BETWEEN_MS = 400;

    private final long seed = Long.getLong("breakwater.seed", System.nanoTime());

    @TempDir
    private Path directory;

    @Test
    void theReplicaIsAlwaysSomeVersionOfItsSource() throws Exception {
        killed(FEW_KILLS);
    }

    @Test
    @Tag("full")
    void theReplicaIsAlwaysSomeVersionOfItsSourceHoweverOftenItIsKilled() throws Exception {
        killed(MANY_KILLS);
    }

    private void killed(int kills) throws Exception {
        try (LakePair lakes = new LakePair(directory)) {
            SourceVersions source = new SourceVersions(lakes.source, LakePair.original(TABLE));
            Path platform = MirrorRun.platform(
                    directory.resolve("platform.yaml"), lakes.east, lakes.west, Map.of(TABLE, TABLE));
            AtomicBoolean killed = new AtomicBoolean();
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try (ServerProcess mirror = MirrorProcess.of(platform, directory)) {
                mirror.launch();
                Future<Void> writing = threads.submit(() -> write(lakes, source, killed));
                Future<Integer> checking = threads.submit(() -> check(lakes, source, writing));
                kill(mirror, lakes, checking, kills);
                killed.set(true);
                writing.get(SOON.toSeconds(), TimeUnit.SECONDS);
                int checks = checking.get(SOON.toSeconds(), TimeUnit.SECONDS);
                await().atMost(SOON)
                        .until(() -> lakes.targetLog(TABLE).newestVersion().orElse(-1) == source.newest());
                PROGRESS.line("seed " + seed + ": " + kills + " kills, " + (source.newest() + 1) + " versions, "
                        + checks + " checks");
                assertThat(checks).isGreaterThan(kills);
            } finally {
                threads.shutdownNow();
            }
            source.assertAllOn(lakes.target, LakePair.replica(TABLE));
        }
    }

    private Void write(LakePair lakes, SourceVersions source, AtomicBoolean over) throws Exception {
        FlightTable table = new FlightTable(
                lakes.source,
                lakes.east.site(),
                LakeSettings.s3a(LakePair.original(TABLE).toString()),
                "flights-archiver",
                "eastCluster");
        for (int version = 0; !over.get() && version < MOST_VERSIONS; version++) {
            OffsetVector before = version == 0 ? OffsetVector.EMPTY : at(version * 10L);
            table.append(events(version), before, at((version + 1) * 10L));
            source.note();
        }
        return null;
    }

    private int check(LakePair lakes, SourceVersions source, Future<Void> writing) throws Exception {
        int checks = 0;
        while (!writing.isDone()) {
            if (lakes.targetLog(TABLE).newestVersion().isPresent()) {
                source.assertIsOne(lakes.targetReader(TABLE).newest(), "seed " + seed);
                checks++;
            }
        }
        return checks;
    }

    /** Each time it has gone on, at some moment soon after. */
    private void kill(ServerProcess mirror, LakePair lakes, Future<Integer> checking, int kills) throws Exception {
        Random random = new Random(seed);
        long reached = -1;
        for (int kill = 0; kill < kills; kill++) {
            long before = reached;
            await("seed " + seed + ": the mirror goes on after version " + before + " and kill " + kill)
                    .atMost(SOON)
                    .until(() -> checking.isDone()
                            || lakes.targetLog(TABLE).newestVersion().orElse(-1) > before);
            assertThat(new CountDownLatch(1).await(random.nextInt(MOST_BETWEEN_MS), TimeUnit.MILLISECONDS))
                    .isFalse();
            mirror.kill();
            reached = lakes.targetLog(TABLE).newestVersion().orElse(-1);
            mirror.launch();
        }
    }

    private static List<FlightEvent> events(int version) {
        List<FlightEvent> events = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            long id = version * 10L + i;
            events.add(new FlightEvent(id, id, "ATL", "BOS", "2001-0" + (1 + version % 3) + "-01T00:47", i, 946, id));
        }
        return events;
    }

    private static OffsetVector at(long offset) {
        return new OffsetVector(new TreeMap<>(Map.of(INPUT, offset)));
    }
}
