package io.breakwater.replicator.flink.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.SnapshotFile.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Snapshots that real clusters of each version of Flink made with the Kafka connector of that version; how, is told in
 * {@code src/test/snapshots}. Both partitions of the topic had been read up to offset 200.
 */
class SnapshotVersionsTest {

    private static final ObjectUri WEST = ObjectUri.parse("s3://flink-west/moved/1");
    private static final Map<String, Integer> FORMATS =
            Map.of("1.20.3", 4, "2.0.1", 5, "2.1.1", 6, "2.2.1", 6, "2.3.0", 6);
    private static final List<String> WAYS = List.of(
            "plain/native",
            "plain/canonical",
            "plain/checkpoints",
            "merged/checkpoints",
            "changelog/checkpoints",
            "changes/checkpoints");

    static Stream<Arguments> snapshots() {
        return FORMATS.keySet().stream()
                .sorted()
                .flatMap(version -> WAYS.stream().map(way -> Arguments.of(version, way)));
    }

    static Stream<String> versions() {
        return FORMATS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("snapshots")
    void readsAndRewritesEachAndKeepsItsFormat(String version, String way) throws Exception {
        Made made = Made.of(version);
        Snapshot snapshot = made.open(way);

        assertThat(snapshot.formatVersion()).isEqualTo(format(version));
        assertThat(snapshot.kind().orElseThrow())
                .isEqualTo(way.endsWith("checkpoints") ? "checkpoint" : way.replaceFirst(".*/", "") + " savepoint");
        assertThat(snapshot.files())
                .isNotEmpty()
                .allSatisfy(file ->
                        assertThat(file.fits(made.size(file), made::read)).isTrue());
        OperatorSummary source = operator(snapshot, "events");
        assertThat(source.kafkaPositions()).contains(positions("in-" + version, 200, 200));
        assertThat(source.uid().isPresent()).isEqualTo(format(version) > 4);
        assertThat(operator(snapshot, "delays-sink").writerStates()).isPresent();

        SnapshotRewrite rewrite = new SnapshotRewrite(
                Map.of(source.id(), positions("in-" + version, 237, 248)),
                Map.of("in-" + version, "east.in"),
                SinkPolicy.DROP_WITH_NEW_PREFIX,
                Map.of(),
                Set.of());
        Snapshot west = Snapshot.open(WEST, snapshot.rewritten(WEST, rewrite), made::moved);

        assertThat(west.formatVersion()).isEqualTo(format(version));
        assertThat(west.checkpointId()).isEqualTo(snapshot.checkpointId());
        assertThat(west.kafkaSources()).singleElement().satisfies(moved -> {
            assertThat(moved.positions()).isEqualTo(positions("east.in", 237, 248));
            assertThat(moved.topics()).containsExactly("east.in");
        });
        assertThat(west.operators())
                .allSatisfy(operator -> assertThat(operator.refusal()).isEmpty())
                .extracting(OperatorSummary::parallelism)
                .containsExactlyElementsOf(snapshot.operators().stream()
                        .map(OperatorSummary::parallelism)
                        .toList());
        assertThat(operator(west, "delays-sink").writerStates()).hasValue(0);
        assertThat(west.files())
                .extracting(SnapshotFile::source)
                .allSatisfy(file -> assertThat(file.key()).startsWith(WEST.key() + "/"));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void refusesToRewriteCompressedListStateAndMovesIt(String version) throws Exception {
        Snapshot snapshot = Made.of(version).open("compressed/native");

        assertThat(snapshot.relocated(WEST)).isNotEmpty();
        assertThatThrownBy(snapshot::kafkaSources)
                .isInstanceOf(UnsupportedSnapshotException.class)
                .hasMessageContaining("compressed");
    }

    @ParameterizedTest
    @MethodSource("versions")
    void knowsTheFilesOfAChangelog(String version) throws Exception {
        Made made = Made.of(version);
        Snapshot materialized = made.open("changelog/checkpoints");
        Snapshot changed = made.open("changes/checkpoints");

        assertThat(operator(materialized, "sequence").handles())
                .contains("changelog", "materialized incremental/absolute");
        assertThat(operator(changed, "sequence").handles()).contains("changelog", "changes/absolute");
        assertThat(changed.files())
                .filteredOn(file -> file.extent() == Extent.CHANGES)
                .isNotEmpty()
                .allSatisfy(file -> {
                    assertThat(file.hasLength(made.size(file))).isTrue();
                    assertThat(file.fits(made.size(file) - 1, made::read)).isFalse();
                });
    }

    private static int format(String version) {
        return Objects.requireNonNull(FORMATS.get(version));
    }

    private static OperatorSummary operator(Snapshot snapshot, String uid) {
        return snapshot.operators().stream()
                .filter(operator -> operator.id().equals(Snapshot.idOf(uid)))
                .findFirst()
                .orElseThrow();
    }

    private static OffsetVector positions(String topic, long first, long second) {
        return new OffsetVector(Map.of(new PartitionKey(topic, 0), first, new PartitionKey(topic, 1), second));
    }

    /** The files of one version, under the paths by which the snapshots name them. */
    private record Made(Map<ObjectUri, byte[]> files, StatePaths paths) {

        static Made of(String version) throws IOException {
            Map<ObjectUri, byte[]> files = new HashMap<>();
            try (InputStream in = SnapshotVersionsTest.class.getResourceAsStream("flink-" + version + ".zip");
                    ZipInputStream zip = new ZipInputStream(Objects.requireNonNull(in))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    if (!entry.isDirectory()) {
                        files.put(new ObjectUri("made", entry.getName()), zip.readAllBytes());
                    }
                }
            }
            String root = "file:/tmp/breakwater-made/" + version + "/";
            return new Made(files, new StatePaths() {
                @Override
                public ObjectUri object(String path) {
                    return new ObjectUri("made", path.substring(root.length()));
                }

                @Override
                public String path(ObjectUri object) {
                    return object.toString();
                }
            });
        }

        Snapshot open(String way) {
            ObjectUri metadata = files.keySet().stream()
                    .filter(file -> file.key().startsWith(way) && file.key().endsWith("/" + Snapshot.METADATA))
                    .findFirst()
                    .orElseThrow();
            String key = metadata.key();
            ObjectUri directory =
                    new ObjectUri("made", key.substring(0, key.length() - Snapshot.METADATA.length() - 1));
            return Snapshot.open(directory, Objects.requireNonNull(files.get(metadata)), this::read, paths);
        }

        int size(SnapshotFile file) {
            return Objects.requireNonNull(files.get(file.source())).length;
        }

        Optional<byte[]> read(ObjectUri file, long offset, int length) {
            return Optional.ofNullable(files.get(file))
                    .map(bytes -> Arrays.copyOfRange(bytes, (int) offset, (int) offset + length));
        }

        /** What lies beside the moved metadata, by its name. */
        Optional<byte[]> moved(ObjectUri file, long offset, int length) {
            String name = file.key().substring(WEST.key().length());
            return files.keySet().stream()
                    .filter(known -> ("/" + known.key()).endsWith(name))
                    .findFirst()
                    .flatMap(known -> read(known, offset, length));
        }
    }
}
