package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.SparkServer;
import io.breakwater.verification.delta.TableContent;
import io.delta.standalone.DeltaLog;
import io.delta.standalone.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Spark writes for minutes, in all its ways, while the mirror follows and its Connect worker is killed again and again
 * at random. At every moment the replica reads as exactly some version of the source; at the end all versions agree.
 * {@code -Dbreakwater.seed} and {@code -Dbreakwater.minutes} say how and for how long.
 */
@Tag("full")
class FollowedSparkIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(4);
    private static final String PLAIN = "plain";
    private static final String RICH = "rich";
    private static final int LEAST_KILLS = 4;

    private final long seed = Long.getLong("breakwater.seed", System.nanoTime());
    private final Duration length = Duration.ofMinutes(Long.getLong("breakwater.minutes", 4));
    private final Map<String, SourceVersions> versions = new LinkedHashMap<>();

    @TempDir
    private Path directory;

    @Test
    void theReplicaIsAlwaysSomeVersionThoughTheWorkerIsKilledAgainAndAgain() throws Exception {
        PROGRESS.line("seed " + seed);
        ProjectLayout layout = ProjectLayout.find();
        try (LakePair lakes = new LakePair(directory);
                SparkServer spark =
                        new SparkServer(layout, directory.resolve("spark"), List.of(lakes.east, lakes.west));
                TableWorker worker = new TableWorker(directory, lakes, List.of(PLAIN, RICH))) {
            spark.start(PROGRESS);
            Map<String, SparkTable> tables = tables(spark, lakes);
            worker.start(PROGRESS);
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                Future<Void> writing = threads.submit(() -> write(tables, lakes));
                Future<Integer> checking = threads.submit(() -> check(lakes, writing));
                int kills = kill(worker, lakes, spark, writing);
                writing.get(SOON.toSeconds(), TimeUnit.SECONDS);
                int checks = checking.get(SOON.toSeconds(), TimeUnit.SECONDS);
                versions.keySet().forEach(table -> awaitCaughtUp(lakes, table));
                for (Map.Entry<String, SourceVersions> table : versions.entrySet()) {
                    compareAll(lakes, spark, table.getKey(), table.getValue());
                    PROGRESS.line(table.getKey() + ": " + (table.getValue().newest() + 1) + " versions agree; "
                            + Objects.requireNonNull(tables.get(table.getKey())).done());
                }
                PROGRESS.line("seed " + seed + ": " + kills + " kills, " + checks + " checks while it ran");
                assertThat(kills).isGreaterThanOrEqualTo(LEAST_KILLS);
                assertThat(checks).isPositive();
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private Map<String, SparkTable> tables(SparkServer spark, LakePair lakes) throws Exception {
        Map<String, SparkTable> tables = new LinkedHashMap<>();
        Random random = new Random(seed);
        tables.put(PLAIN, new SparkTable(spark, LakePair.original(PLAIN), false, random));
        tables.put(RICH, new SparkTable(spark, LakePair.original(RICH), true, random));
        Objects.requireNonNull(tables.get(PLAIN))
                .create("'delta.enableDeletionVectors'='false', 'delta.checkpointInterval'='6'");
        Objects.requireNonNull(tables.get(RICH))
                .create("'delta.enableDeletionVectors'='true', 'delta.checkpointPolicy'='v2',"
                        + " 'delta.enableChangeDataFeed'='true', 'delta.enableRowTracking'='true',"
                        + " 'delta.enableInCommitTimestamps'='true', 'delta.columnMapping.mode'='name',"
                        + " 'delta.checkpointInterval'='5'");
        for (String table : tables.keySet()) {
            versions.put(table, new SourceVersions(lakes.source, LakePair.original(table)));
        }
        return tables;
    }

    private Void write(Map<String, SparkTable> tables, LakePair lakes) throws Exception {
        Instant end = Instant.now().plus(length);
        while (Instant.now().isBefore(end)) {
            for (Map.Entry<String, SparkTable> table : tables.entrySet()) {
                SourceVersions noted = Objects.requireNonNull(versions.get(table.getKey()));
                noted.note();
                SparkTable.Change change = table.getValue().next();
                if (change == SparkTable.Change.VACUUM) {
                    // As in life: a vacuum takes nothing that the mirror has not had time to carry.
                    awaitCaughtUp(lakes, table.getKey());
                }
                table.getValue().change(change);
                noted.note();
            }
        }
        return null;
    }

    private void awaitCaughtUp(LakePair lakes, String table) {
        SourceVersions source = Objects.requireNonNull(versions.get(table));
        await("the replica of " + table + " at version " + source.newest())
                .atMost(SOON)
                .ignoreExceptions()
                .until(() -> lakes.targetLog(table).newestVersion().orElse(-1) == source.newest());
    }

    /** @return how many times all replicas were read */
    private int check(LakePair lakes, Future<Void> writing) throws Exception {
        int checks = 0;
        while (!writing.isDone()) {
            for (Map.Entry<String, SourceVersions> table : versions.entrySet()) {
                if (lakes.targetLog(table.getKey()).newestVersion().isPresent()) {
                    table.getValue()
                            .assertIsOne(
                                    lakes.targetReader(table.getKey()).newest(),
                                    "seed " + seed + ", " + table.getKey());
                    checks++;
                }
            }
        }
        return checks;
    }

    /** @return how many kills there were; the worker runs at the end */
    private int kill(TableWorker worker, LakePair lakes, SparkServer spark, Future<Void> writing) throws Exception {
        Random random = new Random(seed + 1);
        for (int kills = 0; ; kills++) {
            if (isOver(writing, Duration.ofMillis(8_000 + random.nextInt(25_000)))) {
                return kills;
            }
            worker.kill();
            for (Map.Entry<String, SourceVersions> table : versions.entrySet()) {
                if (lakes.targetLog(table.getKey()).newestVersion().isPresent()) {
                    readByAll(lakes, spark, table.getKey(), table.getValue(), kills);
                }
            }
            worker.launch();
        }
    }

    /** Nobody changes the replica now: the three readers see one version. */
    private void readByAll(LakePair lakes, SparkServer spark, String table, SourceVersions source, int kill)
            throws Exception {
        TableContent kernel = lakes.targetReader(table).newest();
        String when = "seed " + seed + ", " + table + " after kill " + kill;
        source.assertIsOne(kernel, when);
        assertThat(spark.newest(LakePair.replica(table)).rows()).as(when).isEqualTo(kernel.rows());
        if (table.equals(PLAIN)) {
            Snapshot standalone = DeltaLog.forTable(LakeSettings.of(lakes.west.site()), "s3a://lake-west/" + table)
                    .snapshot();
            SortedMap<String, Long> files = new TreeMap<>();
            standalone.getAllFiles().forEach(file -> files.put(file.getPath(), file.getSize()));
            assertThat(standalone.getVersion()).as(when).isEqualTo(kernel.version());
            assertThat(files).as(when).isEqualTo(kernel.files());
        }
        PROGRESS.line(table + ": version " + kernel.version() + " of " + source.newest() + " after kill " + kill);
    }

    private static boolean isOver(Future<Void> writing, Duration limit) throws Exception {
        try {
            writing.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    private static void compareAll(LakePair lakes, SparkServer spark, String table, SourceVersions source)
            throws Exception {
        source.assertAllOn(lakes.target, LakePair.replica(table));
        for (long version = 0; version <= source.newest(); version++) {
            assertThat(spark.content(LakePair.replica(table), version).rows())
                    .as("%s at version %d, by Spark", table, version)
                    .isEqualTo(source.at(version).rows());
        }
        assertThat(spark.newest(LakePair.replica(table))).isEqualTo(spark.newest(LakePair.original(table)));
    }
}
