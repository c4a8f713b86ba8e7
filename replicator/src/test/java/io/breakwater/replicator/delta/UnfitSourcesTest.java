package io.breakwater.replicator.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.VersionTimes;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.FaultyStore;
import io.breakwater.replicator.copy.ObjectCopier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a source may hold that must not become part of a replica: the reason is said, and nothing wrong is published. */
class UnfitSourcesTest {

    private static final ObjectUri EAST = ObjectUri.parse("s3://lake-east/t");
    private static final ObjectUri WEST = ObjectUri.parse("s3://lake-west/t");

    @TempDir
    private Path folder;

    private final FaultyStore source = new FaultyStore();
    private final FaultyStore target = new FaultyStore();
    private final DeltaLogFiles east = new DeltaLogFiles(source, EAST);
    private final DeltaLogFiles west = new DeltaLogFiles(target, WEST);
    private ObjectCopier copier;

    @BeforeEach
    void oneGoodVersion() {
        copier = new ObjectCopier(source, target, new CopyLimits(2, 1000, 2, Duration.ofMillis(1), folder));
        source.put(EAST.resolve("a"), new byte[3]);
        source.put(ObjectUri.parse("s3://lake-east/secret"), new byte[3]);
        commit(0, "{\"metaData\":{\"id\":\"one\"}}\n{\"add\":{\"path\":\"a\",\"size\":3}}\n");
    }

    @AfterEach
    void close() {
        copier.close();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            delimiter = '|',
            value = {
                "{\"add\":{\"path\":\"b\",                                            | not JSON",
                "[1, 2]                                                               | no JSON object",
                "{\"add\":{\"size\":3}}                                               | path",
                "{\"add\":{\"path\":\"../secret\",\"size\":3}}                        | '..'",
                "{\"add\":{\"path\":\"%2e%2e/secret\",\"size\":3}}                    | '..'",
                "{\"add\":{\"path\":\"b/../../secret\",\"size\":3}}                   | '..'",
                "{\"add\":{\"path\":\"/secret\",\"size\":3}}                          | secret",
                "{\"add\":{\"path\":\"s3://lake-east/secret\",\"size\":3}}            | secret",
                "{\"add\":{\"path\":\"file:///etc/passwd\",\"size\":3}}               | passwd",
                "{\"add\":{\"path\":\"_delta_log/00000000000000000007.json\",\"size\":3}} | into the log",
                "{\"remove\":{\"path\":\"../secret\"}}                                | '..'",
                "{\"cdc\":{\"path\":\"../secret\",\"size\":3}}                        | '..'",
                "{\"add\":{\"path\":\"a\",\"size\":3,\"deletionVector\":{\"storageType\":\"u\",\"pathOrInlineDv\":\"../ab^-aqEH.-t@S}K{vb[*k^\",\"sizeInBytes\":4}}} | folder",
                "{\"add\":{\"path\":\"a\",\"size\":3,\"deletionVector\":{\"storageType\":\"x\",\"pathOrInlineDv\":\"b\",\"sizeInBytes\":4}}} | storage type",
                "{\"protocol\":{\"minReaderVersion\":4,\"minWriterVersion\":7}}       | newer",
                "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"catalogManaged\"],\"writerFeatures\":[\"catalogManaged\"]}} | catalog"
            })
    void aCommitThatCannotBeCarriedStopsTheTable(String line, String why) throws InterruptedException {
        commit(1, line);
        TableMirror mirror = mirror();

        assertStops(mirror, why);
    }

    @Test
    void aCommitThatIsNotUtf8StopsTheTable() throws InterruptedException {
        source.put(east.commitFile(1), new byte[] {'{', '"', (byte) 0xc3, '"', ':', '1', '}'});

        assertStops(mirror(), "not UTF-8");
    }

    @Test
    void anEmptyCommitStopsTheTable() throws InterruptedException {
        commit(1, "");

        assertStops(mirror(), "empty");
    }

    @Test
    void aFileThatIsNotAsLongAsItsLogSaysIsNotPublished() throws InterruptedException {
        source.put(EAST.resolve("b"), new byte[5]);
        commit(1, "{\"add\":{\"path\":\"b\",\"size\":9}}");

        TableMirror mirror = mirror();
        Progress first = mirror.advance();

        assertThat(first)
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason()).contains("t/b"));
        assertThat(west.newestVersion()).isEmpty();
        source.put(EAST.resolve("b"), new byte[9]);
        run(mirror);
        assertThat(west.newestVersion()).hasValue(1);
    }

    @Test
    void aBrokenCheckpointAndHintHoldUpNoCommit() throws InterruptedException {
        commit(1, "{\"commitInfo\":{\"timestamp\":1}}");
        source.put(east.file("00000000000000000001.checkpoint.parquet"), new byte[] {1, 2, 3});
        source.put(east.lastCheckpointFile(), "{\"version\":".getBytes(StandardCharsets.UTF_8));
        TableMirror mirror = mirror();

        mirror.advance();
        commit(2, "{\"commitInfo\":{\"timestamp\":2}}");
        run(mirror);

        assertThat(west.newestVersion()).hasValue(2);
        assertThat(mirror.alarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.kind()).isEqualTo("table-checkpoint");
            assertThat(alarm.message())
                    .contains("goes on by its commits")
                    .contains("00000000000000000001.checkpoint.parquet");
            assertThat(alarm.blocking()).isFalse();
        });
        assertThat(target.get(west.file("00000000000000000001.checkpoint.parquet")))
                .isEmpty();
        assertThat(target.get(west.lastCheckpointFile())).isEmpty();

        checkpoint(2);
        source.put(east.lastCheckpointFile(), "{\"version\":2}".getBytes(StandardCharsets.UTF_8));
        run(mirror);
        assertThat(mirror.alarms()).isEmpty();
        assertThat(west.lastCheckpointVersion()).hasValue(2);
    }

    @Test
    void aBrokenCheckpointIsPassedOverByASeed() throws InterruptedException {
        for (long version = 1; version <= 6; version++) {
            commit(version, "{\"commitInfo\":{\"timestamp\":1}}");
        }
        checkpoint(3);
        source.put(east.file("00000000000000000005.checkpoint.parquet"), new byte[] {1, 2, 3});
        source.put(
                east.file("00000000000000000006.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json"),
                "{\"add\":".getBytes(StandardCharsets.UTF_8));
        for (long version = 0; version < 3; version++) {
            source.delete(east.commitFile(version));
        }
        TableMirror mirror = mirror();

        run(mirror);

        assertThat(west.newestVersion()).hasValue(6);
        assertThat(west.commit(2)).isEmpty();
        assertThat(west.commit(3)).hasValue(east.commit(3).orElseThrow());
        assertThat(target.get(WEST.resolve("a"))).isPresent();
        assertThat(mirror.alarms())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.message()).contains("checkpoint 6 of the source is broken"));
    }

    @Test
    void aBrokenCheckpointIsPassedOverWhereAGapIsCrossed() throws InterruptedException {
        run(mirror());
        for (long version = 1; version <= 6; version++) {
            commit(version, "{\"commitInfo\":{\"timestamp\":1}}");
        }
        checkpoint(3);
        source.put(east.file("00000000000000000005.checkpoint.parquet"), new byte[] {1, 2, 3});
        for (long version = 0; version < 3; version++) {
            source.delete(east.commitFile(version));
        }

        run(mirror());

        assertThat(west.newestVersion()).hasValue(6);
        assertThat(west.lastCheckpointVersion()).hasValue(3);
    }

    @Test
    void onlyBrokenCheckpointsAreNothingToSeedFrom() throws InterruptedException {
        commit(1, "{\"commitInfo\":{\"timestamp\":1}}");
        source.put(east.file("00000000000000000001.checkpoint.parquet"), new byte[] {1, 2, 3});
        source.delete(east.commitFile(0));

        assertThat(mirror().advance())
                .isInstanceOfSatisfying(
                        Progress.Waiting.class,
                        waiting -> assertThat(waiting.reason()).contains("00000000000000000001.checkpoint.parquet"));
        assertThat(west.newestVersion()).isEmpty();
    }

    /** What the table is: one file. */
    private void checkpoint(long version) {
        source.put(
                east.file(String.format("%020d.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json", version)),
                "{\"metaData\":{\"id\":\"one\"}}\n{\"add\":{\"path\":\"a\",\"size\":3}}\n"
                        .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void clocksThatGoWrongHoldUpNothing() throws InterruptedException {
        commit(1, "{\"commitInfo\":{\"timestamp\":32503680000000,\"inCommitTimestamp\":32503680000000}}");
        commit(2, "{\"commitInfo\":{\"timestamp\":-5,\"inCommitTimestamp\":7}}");

        run(mirror());

        assertThat(west.newestVersion()).hasValue(2);
        assertThat(List.copyOf(new VersionTimes(target, WEST).all().values()))
                .hasSize(3)
                .isSorted();
    }

    @Test
    void notesThatCannotBeReadStopTheirTableOnly() throws InterruptedException {
        run(mirror());
        ObjectInfo times = target.list(ReplicaNotes.of(WEST, "times/")).get(0);
        target.put(times.uri(), "?".getBytes(StandardCharsets.UTF_8));
        commit(1, "{\"commitInfo\":{\"timestamp\":1}}");

        assertThat(mirror().advance())
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason())
                                .contains(times.uri().toString())
                                .contains("remove it"));
        target.delete(times.uri());
        run(mirror());
        assertThat(west.newestVersion()).hasValue(1);
    }

    private void assertStops(TableMirror mirror, String why) throws InterruptedException {
        Progress progress = mirror.advance();
        for (int step = 0; progress instanceof Progress.Moving; step++) {
            assertThat(step).isLessThan(5);
            progress = mirror.advance();
        }
        assertThat(progress)
                .isInstanceOfSatisfying(
                        Progress.Stopped.class,
                        stopped -> assertThat(stopped.reason())
                                .contains("00000000000000000001.json")
                                .contains(why));
        assertThat(west.newestVersion()).hasValue(0);
        assertThat(target.list(ObjectUri.parse("s3://lake-west/")))
                .extracting(info -> info.uri().key())
                .allMatch(key -> key.equals("t/a")
                        || key.equals("t/_delta_log/00000000000000000000.json")
                        || key.startsWith("_breakwater/"));
    }

    private static void run(TableMirror mirror) throws InterruptedException {
        for (int i = 0; i < 10 && !(mirror.advance() instanceof Progress.UpToDate); i++) {
            assertThat(i).as("it comes to an end").isLessThan(9);
        }
    }

    private void commit(long version, String lines) {
        source.put(east.commitFile(version), lines.getBytes(StandardCharsets.UTF_8));
    }

    private TableMirror mirror() {
        return new TableMirror(
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
    }
}
