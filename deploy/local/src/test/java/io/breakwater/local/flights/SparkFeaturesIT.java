package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.SparkServer;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.delta.TableRestore;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.delta.DeltaVerifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A table of each feature of the protocol, made by Spark, mirrored, and read by Kernel and Spark at every version; then
 * its replica is restored to an older one, read again, and written to.
 */
@Tag("full")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SparkFeaturesIT {

    private static final Progress PROGRESS = Progress.to(System.out);

    /** Kernel reads the rows of a table. */
    private enum Kernel {
        READS,
        /** Its rows have a type that our digest does not know. */
        FILES_ONLY
    }

    /**
     * How Spark makes a table.
     *
     * @param statements with {@code $t} in the place of the table, {@code $base} of another one, {@code $rows} of a
     *     hundred rows; {@code COMPACT from to} writes a log compaction
     * @param leaves what the source's log must name or have when it is made: else the table does not show its feature
     */
    private record Made(String name, Kernel kernel, String leaves, List<String> statements) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final String COLUMNS = " (id BIGINT, n INT, s STRING) USING delta ";
    private static final String ROWS = "SELECT id, cast(id % 10 AS INT) AS n, concat('s', id) AS s FROM range(100)";
    private static final String MERGE =
            "MERGE INTO $t t USING (SELECT id + 50 AS id, n, s FROM ($rows)) s ON t.id = s.id"
                    + " WHEN MATCHED THEN UPDATE SET n = s.n + 1 WHEN NOT MATCHED THEN INSERT *";
    private static final List<String> CHANGES = List.of(
            "INSERT INTO $t $rows",
            "UPDATE $t SET n = n + 1 WHERE id % 3 = 0",
            "DELETE FROM $t WHERE id % 7 = 2",
            MERGE,
            "OPTIMIZE $t",
            "DELETE FROM $t WHERE id > 120");

    /** With what the reason says. */
    private static final Map<String, String> NOT_RESTORABLE = Map.of("replaced-and-upgraded", "were dropped since");

    /** With what numbers their rows, and never twice the same. */
    private static final Map<String, String> NUMBERED =
            Map.of("row-tracking", "_metadata.row_id", "identity-columns", "k");

    private LakePair lakes;
    private SparkServer spark;
    private Path directory;

    @BeforeAll
    void servers(@TempDir Path shared) throws InterruptedException {
        directory = shared;
        lakes = new LakePair(directory);
        spark = new SparkServer(ProjectLayout.find(), directory.resolve("spark"), List.of(lakes.east, lakes.west));
        spark.start(PROGRESS);
    }

    @AfterAll
    void end() {
        spark.close();
        lakes.close();
    }

    static Stream<Made> tables() {
        return Stream.of(
                changed("row-tracking", "rowTracking", "'delta.enableRowTracking'='true'"),
                changed("in-commit-timestamps", "inCommitTimestamp\"", "'delta.enableInCommitTimestamps'='true'"),
                changed("deletion-vectors", "\"storageType\":\"u\"", "'delta.enableDeletionVectors'='true'"),
                changed("change-data", "_change_data/", "'delta.enableChangeDataFeed'='true'"),
                changed("column-mapping-id", "\"id\"", "'delta.columnMapping.mode'='id'"),
                made(
                        "column-mapping-name",
                        Kernel.READS,
                        "DROP COLUMNS",
                        "CREATE TABLE $t" + COLUMNS + "TBLPROPERTIES('delta.columnMapping.mode'='name')",
                        "INSERT INTO $t $rows",
                        "ALTER TABLE $t RENAME COLUMN s TO `t u`",
                        "INSERT INTO $t $rows",
                        "ALTER TABLE $t DROP COLUMN n",
                        "INSERT INTO $t SELECT id, s FROM ($rows)"),
                made(
                        "clustering",
                        Kernel.READS,
                        "delta.clustering",
                        "CREATE TABLE $t" + COLUMNS + "CLUSTER BY (n)",
                        "INSERT INTO $t $rows",
                        "INSERT INTO $t $rows",
                        "OPTIMIZE $t",
                        "ALTER TABLE $t CLUSTER BY (id)",
                        "INSERT INTO $t $rows"),
                made(
                        "log-compaction",
                        Kernel.READS,
                        ".compacted.json",
                        "CREATE TABLE $t" + COLUMNS,
                        "INSERT INTO $t $rows",
                        "DELETE FROM $t WHERE id < 20",
                        "INSERT INTO $t $rows",
                        "COMPACT 1 3",
                        "INSERT INTO $t $rows"),
                checkpointed("v2-checkpoint-parquet", "_sidecars/", "parquet", "v2"),
                checkpointed("v2-checkpoint-json", "_sidecars/", "json", "v2"),
                checkpointed("multipart-checkpoint", ".checkpoint.0000000001.000000000", "parquet", "classic"),
                made(
                        "type-widening",
                        Kernel.READS,
                        "delta.typeChanges",
                        "CREATE TABLE $t" + COLUMNS + "TBLPROPERTIES('delta.enableTypeWidening'='true')",
                        "INSERT INTO $t $rows",
                        "ALTER TABLE $t ALTER COLUMN n TYPE BIGINT",
                        "INSERT INTO $t SELECT id, 5000000000 AS n, s FROM ($rows)"),
                made(
                        "variant",
                        Kernel.FILES_ONLY,
                        "variantType",
                        "CREATE TABLE $t (id BIGINT, v VARIANT) USING delta",
                        "INSERT INTO $t SELECT id, parse_json(concat('{\"a\":', id, '}')) FROM range(50)",
                        "DELETE FROM $t WHERE id < 10"),
                made(
                        "shallow-clone",
                        Kernel.READS,
                        "s3a://lake-east/shallow-clone-base",
                        "CREATE TABLE $base" + COLUMNS + "TBLPROPERTIES('delta.enableDeletionVectors'='true')",
                        "INSERT INTO $base $rows",
                        "DELETE FROM $base WHERE id % 9 = 1",
                        "CREATE TABLE $t SHALLOW CLONE $base",
                        "INSERT INTO $t $rows",
                        "DELETE FROM $t WHERE id % 9 = 2"),
                made(
                        "identity-columns",
                        Kernel.READS,
                        "delta.identity.",
                        "CREATE TABLE $t (k BIGINT GENERATED ALWAYS AS IDENTITY, n INT) USING delta",
                        "INSERT INTO $t (n) SELECT n FROM ($rows)",
                        "INSERT INTO $t (n) SELECT n FROM ($rows)"),
                made(
                        "generated-columns-and-constraints",
                        Kernel.READS,
                        "delta.constraints.positive",
                        "CREATE TABLE $t (id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2), s STRING DEFAULT 'x')"
                                + " USING delta TBLPROPERTIES('delta.feature.allowColumnDefaults'='supported')",
                        "INSERT INTO $t (id) SELECT id FROM ($rows)",
                        "ALTER TABLE $t ADD CONSTRAINT positive CHECK (id >= 0)",
                        "INSERT INTO $t (id, s) SELECT id, s FROM ($rows)"),
                made(
                        "odd-partitions",
                        Kernel.READS,
                        "partitionValues",
                        "CREATE TABLE $t (id BIGINT, p STRING, d DATE) USING delta PARTITIONED BY (p, d)",
                        "INSERT INTO $t SELECT id, element_at(array('a b', 'c/d', 'e%20f', 'g=h', 'ü&+#?', null), cast(id % 6 + 1 AS INT)),"
                                + " date'2026-01-01' FROM range(30)",
                        "DELETE FROM $t WHERE p = 'c/d'"),
                made(
                        "vacuum-and-restore",
                        Kernel.FILES_ONLY,
                        "VACUUM END",
                        "SET spark.databricks.delta.vacuum.logging.enabled=true",
                        "CREATE TABLE $t" + COLUMNS + "TBLPROPERTIES('delta.checkpointInterval'='3')",
                        "INSERT INTO $t $rows",
                        "INSERT INTO $t $rows",
                        "DELETE FROM $t WHERE id < 50",
                        "RESTORE TABLE $t TO VERSION AS OF 2",
                        "UPDATE $t SET n = 0",
                        "VACUUM $t RETAIN 0 HOURS",
                        "INSERT INTO $t $rows"),
                made(
                        "replaced-and-upgraded",
                        Kernel.READS,
                        "checkpointProtection",
                        "CREATE TABLE $t" + COLUMNS + "TBLPROPERTIES('delta.enableDeletionVectors'='false')",
                        "INSERT INTO $t $rows",
                        "CREATE OR REPLACE TABLE $t USING delta AS SELECT id, id / 3 AS other FROM ($rows)",
                        "INSERT INTO $t SELECT id, id / 3 FROM ($rows)",
                        "ALTER TABLE $t SET TBLPROPERTIES('delta.enableDeletionVectors'='true')",
                        "DELETE FROM $t WHERE id % 5 = 0",
                        "ALTER TABLE $t DROP FEATURE deletionVectors",
                        "INSERT INTO $t SELECT id, id / 3 FROM ($rows)"));
    }

    private static Made changed(String name, String leaves, String property) {
        return new Made(
                name,
                Kernel.READS,
                leaves,
                Stream.concat(
                                Stream.of("CREATE TABLE $t" + COLUMNS + "TBLPROPERTIES(" + property + ")"),
                                CHANGES.stream())
                        .toList());
    }

    private static Made checkpointed(String name, String leaves, String format, String policy) {
        return new Made(
                name,
                Kernel.READS,
                leaves,
                Stream.of(
                                Stream.of(
                                        "SET spark.databricks.delta.checkpointV2.topLevelFileFormat=" + format,
                                        "SET spark.databricks.delta.checkpoint.partSize=2",
                                        "CREATE TABLE $t" + COLUMNS + "TBLPROPERTIES('delta.checkpointPolicy'='"
                                                + policy + "', 'delta.checkpointInterval'='2')"),
                                CHANGES.stream(),
                                Stream.of("RESET spark.databricks.delta.checkpoint.partSize"))
                        .flatMap(part -> part)
                        .toList());
    }

    private static Made made(String name, Kernel kernel, String leaves, String... statements) {
        return new Made(name, kernel, leaves, List.of(statements));
    }

    @ParameterizedTest
    @MethodSource("tables")
    void isCarried(Made table) throws Exception {
        String name = table.name();
        ObjectUri original = LakePair.original(name);
        ObjectUri replica = LakePair.replica(name);
        Path platform =
                MirrorRun.platform(directory.resolve(name + ".yaml"), lakes.east, lakes.west, Map.of(name, name));
        try (MirrorRun mirror = new MirrorRun(platform)) {
            for (String statement : table.statements()) {
                run(statement, original);
                mirror.poll();
            }
            long newest = lakes.sourceLog(name).newestVersion().orElseThrow();
            mirror.pollUntil(() -> mirror.hasAnnounced(name, newest));
            mirror.pollUntil(() -> missingExtras(name).isEmpty());
        }
        assertThat(everything(name)).as("the source shows its feature").contains(table.leaves());
        boolean rewritten = everything(name).contains("\"s3a://");
        long newest = lakes.sourceLog(name).newestVersion().orElseThrow();
        for (long version = 0; version <= newest; version++) {
            String when = name + " at version " + version;
            if (!rewritten) {
                assertThat(lakes.targetLog(name).commit(version))
                        .as(when)
                        .hasValue(lakes.sourceLog(name).commit(version).orElseThrow());
            }
            if (name.startsWith("vacuum") && version < newest) {
                continue;
            }
            assertThat(spark.content(replica, version)).as(when).isEqualTo(spark.content(original, version));
            assertThat(lakes.targetReader(name).files(version))
                    .as(when)
                    .hasSameSizeAs(lakes.sourceReader(name).files(version));
            if (table.kernel() == Kernel.READS) {
                assertThat(verifiedRows(name, version))
                        .as(when)
                        .isEqualTo(spark.content(replica, version).rows());
            }
        }
        PROGRESS.line(name + ": " + (newest + 1) + " versions");
        restore(table, newest);
    }

    /** The replica, to what it was in the middle of its history; the next version is that, and can be written to. */
    private void restore(Made table, long newest) throws Exception {
        ObjectUri replica = LakePair.replica(table.name());
        long then = newest / 2;
        SparkServer.Content expected = spark.content(replica, then);
        Optional<String> rowIds = rowIds(table, replica, then);

        TableRestore.Outcome outcome = new TableRestore(lakes.target, replica, Clock.systemUTC()).restore(then, true);

        String when = table.name() + " restored to version " + then + ": " + outcome;
        PROGRESS.line(when);
        if (NOT_RESTORABLE.containsKey(table.name())) {
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            TableRestore.Outcome.Refused.class,
                            refused -> assertThat(refused.reason()).contains(NOT_RESTORABLE.get(table.name())));
            assertThat(lakes.targetLog(table.name()).newestVersion()).hasValue(newest);
            return;
        }
        assertThat(outcome)
                .as(when)
                .isInstanceOfSatisfying(
                        TableRestore.Outcome.Restored.class,
                        restored -> assertThat(restored.version()).isEqualTo(newest + 1));
        assertThat(spark.newest(replica)).as(when).isEqualTo(expected);
        assertThat(rowIds(table, replica, newest + 1)).as(when).isEqualTo(rowIds);
        if (table.kernel() == Kernel.READS) {
            assertThat(new DeltaVerifier().verify(lakes.target, replica, newest + 1, Optional.empty()))
                    .as(when)
                    .isInstanceOfSatisfying(
                            VerificationResult.Verified.class,
                            verified -> assertThat(
                                            verified.figures().path("rows").asLong())
                                    .isEqualTo(expected.rows()));
        }
        // An identity column takes no values.
        String columns = table.name().startsWith("identity") ? "(n) SELECT n" : "SELECT *";
        spark.sql("INSERT INTO " + SparkServer.named(replica) + " " + columns + " FROM " + SparkServer.named(replica)
                + " VERSION AS OF " + then);
        assertThat(spark.newest(replica).rows()).as(when).isEqualTo(2 * expected.rows());
        if (NUMBERED.containsKey(table.name())) {
            assertThat(spark.sql("SELECT count(DISTINCT " + NUMBERED.get(table.name()) + ") AS n FROM "
                                    + SparkServer.named(replica))
                            .get(0)
                            .path("n")
                            .asLong())
                    .as("%s: no number twice", when)
                    .isEqualTo(2 * expected.rows());
        }
        assertThat(spark.sql("DESCRIBE HISTORY " + SparkServer.named(replica)).stream()
                        .map(row -> row.path("timestamp").asText()))
                .as(when)
                .isSortedAccordingTo(Comparator.reverseOrder());
    }

    /** Of a table that numbers its rows, a digest of which row has which number. */
    private Optional<String> rowIds(Made table, ObjectUri replica, long version) {
        return table.name().equals("row-tracking")
                ? Optional.of(
                        spark.sql("SELECT sum(cast(xxhash64(id, n, s, _metadata.row_id) AS decimal(38,0))) AS h FROM "
                                        + SparkServer.named(replica) + " VERSION AS OF " + version)
                                .get(0)
                                .path("h")
                                .asText())
                : Optional.empty();
    }

    /** The rows that Kernel reads of the replica, once it was held against its source. */
    private long verifiedRows(String name, long version) throws Exception {
        VerificationResult result = new DeltaVerifier()
                .verify(
                        lakes.target,
                        LakePair.replica(name),
                        version,
                        Optional.of(new DeltaVerifier.Side(lakes.source, LakePair.original(name))));
        assertThat(result).as("%s at version %d", name, version).isInstanceOf(VerificationResult.Verified.class);
        return ((VerificationResult.Verified) result).figures().path("rows").asLong();
    }

    private void run(String statement, ObjectUri table) {
        if (statement.startsWith("COMPACT")) {
            String[] words = statement.split(" ", 3);
            spark.compact(table, Long.parseLong(words[1]), Long.parseLong(words[2]));
        } else {
            spark.sql(statement
                    .replace("$rows", ROWS)
                    .replace("$base", SparkServer.named(LakePair.original(table.key() + "-base")))
                    .replace("$t", SparkServer.named(table)));
        }
    }

    /** Checksums, compactions, checkpoints and sidecars that the source has and the replica has not, or not the same. */
    private Set<String> missingExtras(String name) {
        boolean rewritten = everything(name).contains("\"s3a://");
        Set<String> missing = new TreeSet<>(extras(name, true, rewritten));
        missing.removeAll(extras(name, false, rewritten));
        return missing;
    }

    /** Name and ETag of each; not of the hint, which is put where it can be. */
    private Set<String> extras(String name, boolean atSource, boolean rewritten) {
        if (rewritten) {
            return Set.of();
        }
        DeltaLogFiles log = atSource ? lakes.sourceLog(name) : lakes.targetLog(name);
        Stream<ObjectInfo> files = log.listFrom(0).stream()
                .filter(file -> file.kind() != LogFile.Kind.COMMIT)
                .map(LogFile::info);
        Stream<ObjectInfo> sidecars = (atSource ? lakes.source : lakes.target)
                .list(log.file("_sidecars").resolve("")).stream().filter(info -> info.size() > 0);
        return Stream.concat(files, sidecars)
                .map(info -> info.uri().key() + " " + info.etag())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** All text of the source's log, and the names of its files. */
    private String everything(String name) {
        StringBuilder all = new StringBuilder();
        for (ObjectInfo info :
                lakes.source.list(LakePair.original(name).resolve("_delta_log").resolve(""))) {
            String key = info.uri().key();
            all.append(key).append('\n');
            if (key.endsWith(".json") && !key.contains("checkpoint")) {
                all.append(new String(lakes.source.get(info.uri()).orElse(new byte[0]), StandardCharsets.UTF_8));
            }
        }
        return all.toString();
    }
}
