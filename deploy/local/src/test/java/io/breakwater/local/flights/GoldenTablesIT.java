package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.verification.delta.TableContent;
import io.breakwater.verification.delta.TableReader;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Delta Lake's own test tables, mirrored: what Delta Kernel reads at the source it reads at the replica. */
class GoldenTablesIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final List<String> OF_EACH_KIND = List.of(
            "v2-checkpoint-json",
            "v2-checkpoint-parquet",
            "multi-part-checkpoint",
            "dv-with-columnmapping",
            "data-reader-escaped-chars",
            "data-reader-timestamp_ntz-id-mode",
            "snapshot-vacuumed",
            "basic-with-inserts-overwrite-restore");

    private final ProjectLayout layout = ProjectLayout.find();
    private final Path golden = layout.root().resolveSibling("shared").resolve("corpus/delta/golden-tables");

    @TempDir
    private Path directory;

    @Test
    void oneOfEachKind() throws Exception {
        mirrorAndCompare(OF_EACH_KIND::contains);
    }

    @Test
    @Tag("full")
    void allOfThem() throws Exception {
        mirrorAndCompare(name -> true);
    }

    private void mirrorAndCompare(Predicate<String> wanted) throws Exception {
        assumeTrue(Files.isDirectory(golden), "the golden tables are not at " + golden);
        Progress progress = Progress.to(System.out);
        try (S3Server east = S3Server.in(layout, "s3-east", directory.resolve("e"), Map.of("lake", "lake-east"));
                S3Server west = S3Server.in(layout, "s3-west", directory.resolve("w"), Map.of("lake", "lake-west"))) {
            east.start(progress);
            west.start(progress);
            try (ObjectStore source = S3ObjectStore.connect(east.site(), TIMEOUT);
                    ObjectStore target = S3ObjectStore.connect(west.site(), TIMEOUT)) {
                SortedMap<String, String> tables = tables(wanted);
                for (String table : tables.values()) {
                    upload(table, source);
                }
                SortedMap<String, TableContent> readable = readable(tables, source);
                Path platform = MirrorRun.platform(directory.resolve("platform.yaml"), east, west, tables);
                try (MirrorRun mirror = new MirrorRun(platform)) {
                    mirror.pollUntil(() -> readable.entrySet().stream()
                            .allMatch(table -> mirror.hasAnnounced(
                                    table.getKey(), table.getValue().version())));
                }
                progress.line(readable.size() + " of " + tables.size() + " tables can be read");
                assertThat(readable).isNotEmpty();
                for (Map.Entry<String, String> table : tables.entrySet()) {
                    if (readable.containsKey(table.getKey())) {
                        compare(table.getKey(), table.getValue(), source, target);
                    }
                }
            }
        }
    }

    /** Every version that can be read at the source, down to where the replica begins. */
    private static void compare(String name, String path, ObjectStore source, ObjectStore target)
            throws UnreadableTableException {
        for (LogFile commit : new DeltaLogFiles(target, at("lake-west", path)).commitsAfter(-1)) {
            TableContent original;
            try {
                original = new TableReader(source, at("lake-east", path)).content(commit.version());
            } catch (UnreadableTableException e) {
                // An old version whose files were vacuumed, or a type without a digest: nothing to compare with.
                continue;
            }
            assertThat(new TableReader(target, at("lake-west", path)).content(commit.version()))
                    .as("%s at version %d", name, commit.version())
                    .isEqualTo(original);
        }
    }

    private static SortedMap<String, TableContent> readable(SortedMap<String, String> tables, ObjectStore source) {
        SortedMap<String, TableContent> readable = new TreeMap<>();
        tables.forEach((name, path) -> {
            ObjectUri table = at("lake-east", path);
            OptionalLong newest = new DeltaLogFiles(source, table).newestVersion();
            if (newest.isPresent()) {
                try {
                    readable.put(name, new TableReader(source, table).content(newest.getAsLong()));
                } catch (UnreadableTableException e) {
                    // Some are broken on purpose; that these do no harm is seen by the others going on.
                    System.out.println(name + ": " + e.getMessage());
                }
            }
        });
        return readable;
    }

    /** Name without slashes to path below the golden tables. */
    private SortedMap<String, String> tables(Predicate<String> wanted) throws IOException {
        try (Stream<Path> all = Files.walk(golden)) {
            return all.filter(path -> path.endsWith("_delta_log"))
                    .map(log -> golden.relativize(log.getParent()).toString())
                    .filter(wanted)
                    .collect(Collectors.toMap(path -> path.replace('/', '.'), path -> path, (a, b) -> a, TreeMap::new));
        }
    }

    private void upload(String table, ObjectStore store) throws IOException {
        try (Stream<Path> files = Files.walk(golden.resolve(table))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                store.put(at("lake-east", golden.relativize(file).toString()), Files.readAllBytes(file));
            }
        }
    }

    private static ObjectUri at(String bucket, String path) {
        return new ObjectUri(bucket, path);
    }
}
