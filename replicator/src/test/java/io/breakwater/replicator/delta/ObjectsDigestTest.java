package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The digest over a version's objects, as an auditor makes it: with md5sum, sort and sha256sum from their bytes alone. */
class ObjectsDigestTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/deep/t");
    private static final String COMMAND = "find . -type f | sed 's,^[.]/,,' | while IFS= read -r f; do"
            + " echo \"$f $(stat -c %s \"$f\") $(md5sum < \"$f\" | cut -d' ' -f1)\"; done"
            + " | LC_ALL=C sort | sha256sum | cut -d' ' -f1";

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private final Map<String, String> objects =
            Map.of("day=1/a b", "one", "Z", "two", "_change_data/c", "three", "a~", "four", "a/z%41", "5");

    @TempDir
    private Path folder;

    @Test
    void isWhatAnAuditorMakesOfTheReplica() throws Exception {
        commit(0, "{\"add\":{\"path\":\"before\",\"size\":3}}");
        source.put(EAST.resolve("before"), "old".getBytes(StandardCharsets.UTF_8));
        objects.forEach((path, bytes) -> source.put(EAST.resolve(path), bytes.getBytes(StandardCharsets.UTF_8)));
        commit(
                1,
                "{\"add\":{\"path\":\"day=1/a%20b\",\"size\":3}}",
                "{\"add\":{\"path\":\"Z\",\"size\":3}}",
                "{\"add\":{\"path\":\"a~\",\"size\":4}}",
                "{\"add\":{\"path\":\"a/z%2541\",\"size\":1}}",
                "{\"cdc\":{\"path\":\"_change_data/c\",\"size\":5}}",
                "{\"remove\":{\"path\":\"before\"}}");

        List<MirroredVersion> carried = run();
        List<MirroredVersion> afterARestart = run();

        assertThat(carried).hasSize(2);
        assertThat(carried.get(1).carried().objects()).hasValue(made());
        assertThat(afterARestart)
                .singleElement()
                .satisfies(version ->
                        assertThat(version.carried()).isEqualTo(carried.get(1).carried()));
        assertThat(carried.get(0).carried().objects())
                .isNotEqualTo(carried.get(1).carried().objects());
    }

    /** From the replica's bytes. */
    private String made() throws Exception {
        Path files = Files.createDirectory(folder.resolve("downloaded"));
        for (String path : objects.keySet()) {
            Path file = files.resolve(path);
            Files.createDirectories(file.getParent());
            Files.write(file, target.get(WEST.resolve(path)).orElseThrow());
        }
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", COMMAND).directory(files.toFile());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return said.strip();
    }

    private List<MirroredVersion> run() throws InterruptedException {
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
                            MirrorPolicy.careful()),
                    Clock.systemUTC());
            for (int i = 0; i < 10 && mirror.advance() instanceof Progress.Moving; i++) {
                assertThat(i).as("it comes to an end").isLessThan(9);
            }
            return mirror.take();
        }
    }

    private void commit(long version, String... actions) {
        source.put(
                new DeltaLogFiles(source, EAST).commitFile(version),
                ("{\"commitInfo\":{\"timestamp\":1}}\n" + String.join("\n", actions)).getBytes(StandardCharsets.UTF_8));
    }
}
