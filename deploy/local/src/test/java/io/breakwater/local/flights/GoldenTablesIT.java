package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.SparkServer;
import io.breakwater.platform.Alarm;
import io.breakwater.region.BridgeMark;
import io.breakwater.region.LogFile;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.delta.DeltaVerifier;
import io.breakwater.verification.delta.TableContent;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Delta Lake's own test tables, mirrored: what Delta Kernel, Delta Standalone and Spark read at the source they read at
 * the replica, at every version. Those that are broken on purpose are refused, or are as broken as their source.
 */
class GoldenTablesIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final List<String> OF_EACH_KIND = List.of(
            "v2-checkpoint-json",
            "v2-checkpoint-parquet",
            "multi-part-checkpoint",
            "dv-with-columnmapping",
            "data-reader-escaped-chars",
            "data-reader-timestamp_ntz-id-mode",
            "snapshot-vacuumed",
            "basic-with-inserts-overwrite-restore");

    /** Of a table with more versions only the first and the last ones are read by Spark. */
    private static final int MOST_FOR_SPARK = 6;

    private final Map<String, Integer> counts = new TreeMap<>();

    @TempDir
    private Path directory;

    @Test
    void oneOfEachKind() throws Exception {
        GoldenTables golden = new GoldenTables();
        try (LakePair lakes = new LakePair(directory)) {
            SortedMap<String, String> tables = uploaded(golden, OF_EACH_KIND::contains, lakes);
            mirror(tables, readable(tables, lakes), lakes);
            compare(tables, lakes, Optional.empty());
        }
        assertThat(counts).containsEntry("versions read by Kernel", counts.get("versions verified"));
    }

    @Test
    @Tag("full")
    void allOfThemByThreeReaders() throws Exception {
        GoldenTables golden = new GoldenTables();
        try (LakePair lakes = new LakePair(directory);
                SparkServer spark = new SparkServer(
                        ProjectLayout.find(), directory.resolve("spark"), List.of(lakes.east, lakes.west))) {
            spark.start(PROGRESS);
            SortedMap<String, String> tables = uploaded(golden, name -> true, lakes);
            SortedMap<String, TableContent> readable = readable(tables, lakes);
            Map<String, String> refused = mirror(tables, readable, lakes);
            compare(tables, lakes, Optional.of(spark));
            refused.forEach((table, reason) -> PROGRESS.line(table + " is refused: " + reason));
            PROGRESS.line(tables.size() + " tables, " + readable.size() + " can be read, " + refused.size()
                    + " are refused; " + counts);
            assertThat(refused).allSatisfy((table, reason) -> assertThat(reason).isNotBlank());
        }
    }

    private static SortedMap<String, String> uploaded(GoldenTables golden, Predicate<String> wanted, LakePair lakes)
            throws Exception {
        SortedMap<String, String> tables = golden.tables(wanted);
        for (String path : tables.values()) {
            golden.upload(path, lakes.source);
        }
        return tables;
    }

    /** @return the tables that are stopped, with the reasons */
    private Map<String, String> mirror(
            SortedMap<String, String> tables, SortedMap<String, TableContent> readable, LakePair lakes)
            throws Exception {
        assertThat(readable).isNotEmpty();
        Path platform = MirrorRun.platform(directory.resolve("platform.yaml"), lakes.east, lakes.west, tables);
        Map<String, String> refused = new TreeMap<>();
        try (MirrorRun mirror = new MirrorRun(platform)) {
            mirror.pollUntil(() -> readable.entrySet().stream()
                    .allMatch(table ->
                            mirror.hasAnnounced(table.getKey(), table.getValue().version())));
            for (Alarm alarm : mirror.alarms()) {
                refused.put(alarm.subject(), alarm.message());
            }
        }
        return refused;
    }

    private void compare(SortedMap<String, String> tables, LakePair lakes, Optional<SparkServer> spark)
            throws Exception {
        for (Map.Entry<String, String> table : tables.entrySet()) {
            List<LogFile> commits = lakes.targetLog(table.getValue()).commitsAfter(-1);
            for (int i = 0; i < commits.size(); i++) {
                long version = commits.get(i).version();
                compareCommit(table.getKey(), table.getValue(), version, lakes);
                boolean first = i < MOST_FOR_SPARK / 2;
                boolean last = commits.size() - i <= MOST_FOR_SPARK / 2;
                compare(table.getKey(), table.getValue(), version, lakes, spark.filter(any -> first || last));
            }
        }
    }

    /**
     * Whether anybody can read it or not: what is on the replica is the source's; only where the source was vacuumed, what
     * stands for it until readers of before are through.
     */
    private void compareCommit(String name, String path, long version, LakePair lakes) {
        byte[] there = lakes.targetLog(path).commit(version).orElseThrow();
        byte[] meant = lakes.sourceLog(path).commit(version).orElseThrow();
        if (BridgeMark.isFilling(there)) {
            assertThat(read(path, version, lakes))
                    .as("%s at version %d of the source", name, version)
                    .isEmpty();
            counts.merge("versions that were vacuumed", 1, Integer::sum);
        } else if (!BridgeMark.standsFor(there, meant)) {
            assertThat(there).as("%s at version %d", name, version).isEqualTo(meant);
        }
    }

    /** As far as each reader can read the version at the source. */
    private void compare(String name, String path, long version, LakePair lakes, Optional<SparkServer> spark)
            throws Exception {
        String when = name + " at version " + version;
        Optional<TableContent> kernel = read(path, version, lakes);
        if (kernel.isPresent()) {
            assertThat(lakes.targetReader(path).content(version)).as(when).isEqualTo(kernel.get());
            counts.merge("versions read by Kernel", 1, Integer::sum);
            VerificationResult result =
                    new DeltaVerifier().verify(lakes.target, LakePair.replica(path), version, Optional.empty());
            assertThat(result).as(when).isInstanceOfSatisfying(VerificationResult.Verified.class, verified -> {
                counts.merge("versions verified", 1, Integer::sum);
                if (verified.figures().path("standalone").asBoolean()) {
                    counts.merge("versions read by Standalone", 1, Integer::sum);
                }
            });
        }
        if (spark.isPresent()) {
            Optional<SparkServer.Content> source = read(spark.get(), path, version);
            if (source.isPresent()) {
                assertThat(spark.get().content(LakePair.replica(path), version))
                        .as(when)
                        .isEqualTo(source.get());
                counts.merge("versions read by Spark", 1, Integer::sum);
            }
        }
    }

    /** Empty for an old version whose files were vacuumed, what is broken on purpose, or a type without a digest. */
    private static Optional<TableContent> read(String path, long version, LakePair lakes) {
        try {
            return Optional.of(lakes.sourceReader(path).content(version));
        } catch (UnreadableTableException e) {
            return Optional.empty();
        }
    }

    private static Optional<SparkServer.Content> read(SparkServer spark, String path, long version) {
        try {
            return Optional.of(spark.content(LakePair.original(path), version));
        } catch (SparkServer.SparkException e) {
            return Optional.empty();
        }
    }

    private static SortedMap<String, TableContent> readable(SortedMap<String, String> tables, LakePair lakes) {
        SortedMap<String, TableContent> readable = new TreeMap<>();
        List<String> broken = new ArrayList<>();
        tables.forEach((name, path) -> {
            OptionalLong newest = lakes.sourceLog(path).newestVersion();
            Optional<TableContent> content =
                    newest.isPresent() ? read(path, newest.getAsLong(), lakes) : Optional.empty();
            content.ifPresentOrElse(it -> readable.put(name, it), () -> broken.add(name));
        });
        PROGRESS.line(readable.size() + " of " + tables.size() + " tables can be read; not: " + broken);
        return readable;
    }
}
