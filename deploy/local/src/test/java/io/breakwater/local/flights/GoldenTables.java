package io.breakwater.local.flights;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.breakwater.local.server.ProjectLayout;
import io.breakwater.region.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Delta Lake's own test tables, as they lie beside the project; a test that needs them is skipped where they do not. */
final class GoldenTables {

    private final Path folder =
            ProjectLayout.find().root().resolveSibling("shared").resolve("corpus/delta/golden-tables");

    GoldenTables() {
        assumeTrue(Files.isDirectory(folder), "the golden tables are not at " + folder);
    }

    /** Name without slashes to path below the golden tables. */
    SortedMap<String, String> tables(Predicate<String> wanted) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.endsWith("_delta_log"))
                    .map(log -> folder.relativize(log.getParent()).toString())
                    .filter(wanted)
                    .collect(Collectors.toMap(path -> path.replace('/', '.'), path -> path, (a, b) -> a, TreeMap::new));
        }
    }

    /** To the source's lake, at the table's path. */
    void upload(String table, ObjectStore store) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve(table))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                store.put(LakePair.original(folder.relativize(file).toString()), Files.readAllBytes(file));
            }
        }
    }
}
