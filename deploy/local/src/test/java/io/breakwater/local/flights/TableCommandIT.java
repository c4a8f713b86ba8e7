package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.verification.delta.TableContent;
import io.breakwater.verification.delta.TableReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code breakwater table}, as the archive's launcher runs it, between two real S3 servers and folders. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TableCommandIT {

    private static final PartitionKey INPUT = new PartitionKey("flights.events", 0);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofMinutes(2);

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
    @Tag("full")
    void aCopyThatWasKilledGoesOnAndIsRight() throws Exception {
        FlightTable table = writer("killed");
        for (int version = 0; version < 5; version++) {
            append(table, version, 60_000);
        }
        Process copying = start("killed.out", carrying("copy", "killed", "--bandwidth", "1"));
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !objects(target, replica("killed")).isEmpty());
        copying.destroyForcibly();
        assertThat(copying.waitFor(1, TimeUnit.MINUTES)).isTrue();
        int before = objects(target, replica("killed")).size();
        assertThat(before)
                .as("killed in the middle: %s", Files.readString(directory.resolve("killed.out")))
                .isLessThan(objects(source, original("killed")).size());

        ProgramRun copied = breakwater(carrying("copy", "killed", "--json"));
        ProgramRun verified = breakwater(carrying("verify", "killed", "--json"));
        ProgramRun again = breakwater(carrying("copy", "killed"));

        assertThat(copied.exitCode()).as(copied.toString()).isZero();
        assertThat(json(copied).path("version").asInt()).isEqualTo(4);
        assertThat(json(copied).path("outcome").asText()).isEqualTo("done");
        assertThat(verified.exitCode()).as(verified.toString()).isZero();
        assertThat(json(verified).path("versions").get(0).path("rows").asInt()).isEqualTo(300_000);
        assertThat(again.exitCode()).as(again.toString()).isZero();
        assertThat(content(target, replica("killed"), 4)).isEqualTo(content(source, original("killed"), 4));
    }

    @Test
    @Tag("full")
    void toAFolderAndBack() throws Exception {
        FlightTable table = writer("foldered");
        for (int version = 0; version < 12; version++) {
            append(table, version, 20);
        }
        Path folder = directory.resolve("a folder/t");
        String there = folder.toUri().toString();
        String back = replica("back").toString();

        ProgramRun out = breakwater("table", "copy", original("foldered").toString(), there);
        ProgramRun home = breakwater("table", "copy", folder.toString(), back, "--endpoint", west.endpoint());
        ProgramRun verified = breakwater("table", "verify", there, back, "--all", "--endpoint", west.endpoint());

        assertThat(out.exitCode()).as(out.toString()).isZero();
        assertThat(home.exitCode()).as(home.toString()).isZero();
        assertThat(verified.exitCode()).as(verified.toString()).isZero();
        assertThat(verified.output().lines().filter(line -> line.contains(": same: ")))
                .hasSize(12);
        assertThat(content(target, replica("back"), 11)).isEqualTo(content(source, original("foldered"), 11));
        assertThat(new DeltaLogFiles(target, replica("back")).lastCheckpointVersion())
                .hasValue(10);
        try (Stream<Path> files = Files.list(folder.resolveSibling(".breakwater-unfinished"))) {
            assertThat(files).isEmpty();
        }
        Path damaged;
        try (Stream<Path> files = Files.walk(folder)) {
            damaged = files.filter(file -> file.toString().endsWith(".parquet")
                            && !file.toString().contains("_delta_log"))
                    .findFirst()
                    .orElseThrow();
        }
        Files.delete(damaged);
        ProgramRun differs = breakwater("table", "verify", original("foldered").toString(), there);
        assertThat(differs.exitCode()).as(differs.toString()).isEqualTo(1);
        assertThat(differs.output())
                .contains(damaged.getFileName() + ": the version needs it, there is no such object");
    }

    /** In the footer of a data file, where no reader of tables looks, and in a log file that none needs. */
    @Test
    void aFlippedByteIsFoundAndNamed() throws Exception {
        FlightTable table = writer("flipped");
        append(table, 0, 30);
        append(table, 1, 30);
        source.put(
                new DeltaLogFiles(source, original("flipped")).file("00000000000000000001.crc"),
                "{\"tableSizeBytes\":null}".getBytes(StandardCharsets.UTF_8));
        assertThat(breakwater(carrying("copy", "flipped")).exitCode()).isZero();
        ProgramRun same = breakwater(carrying("verify", "flipped", "--json"));
        ObjectUri file = objects(target, replica("flipped")).stream()
                .map(ObjectInfo::uri)
                .filter(uri -> uri.key().endsWith(".parquet"))
                .findFirst()
                .orElseThrow();
        byte[] bytes = target.get(file).orElseThrow();
        int at = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("(build ") + "(build ".length();
        bytes[at] ^= 1;
        target.put(file, bytes);
        target.put(
                new DeltaLogFiles(target, replica("flipped")).file("00000000000000000001.crc"),
                "{\"tableSizeBytes\":true}".getBytes(StandardCharsets.UTF_8));
        assertThat(content(target, replica("flipped"), 1))
                .as("no reader notices")
                .isEqualTo(content(source, original("flipped"), 1));

        ProgramRun differs = breakwater(carrying("verify", "flipped"));

        assertThat(same.exitCode()).as(same.toString()).isZero();
        assertThat(json(same).path("versions").get(0).path("objectsCompared").asInt())
                .as("two data files, two commits, a checksum file")
                .isEqualTo(5);
        assertThat(differs.exitCode()).as(differs.toString()).isEqualTo(1);
        assertThat(differs.output())
                .contains(file.key().substring("flipped/".length()) + ": other bytes than the source's, from byte " + at
                        + " on")
                .contains("_delta_log/00000000000000000001.crc: other bytes than the source's, from byte 18 on");
    }

    @Test
    void followsUntilItIsToldToEnd() throws Exception {
        FlightTable table = writer("followed");
        append(table, 0, 10);
        Path output = directory.resolve("followed.out");
        Process following = start("followed.out", carrying("follow", "followed", "--every", "PT0.2S", "--json"));
        try {
            await().atMost(SOON).until(() -> Files.readString(output).contains("\"version\":0"));
            append(table, 1, 10);
            append(table, 2, 10);
            await().atMost(SOON).until(() -> Files.readString(output).contains("\"version\":2"));
            // Not SIGINT: a shell that runs the build in the background has its children ignore that one.
            following.destroy();
            assertThat(following.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            following.destroyForcibly();
        }
        assertThat(following.exitValue()).as("told to end").isEqualTo(143);
        assertThat(content(target, replica("followed"), 2)).isEqualTo(content(source, original("followed"), 2));
    }

    /** Every row deleted by a bad job, which the mirror has carried; then the source vacuumed; then destroyed. */
    @Test
    void aTableIsHadBackFromItsReplicaAfterAllWasLost() throws Exception {
        FlightTable table = writer("lost");
        append(table, 0, 30);
        append(table, 1, 30);
        assertThat(breakwater(carrying("copy", "lost")).exitCode()).isZero();
        TableContent good = content(source, original("lost"), 1);
        Instant before = new DeltaLogFiles(source, original("lost"))
                .listFrom(1)
                .get(0)
                .info()
                .lastModified();
        await().until(() -> Instant.now().isAfter(before.plusSeconds(2)));
        deleteAllRows("lost", 2, good);
        good.files().keySet().forEach(file -> source.delete(original("lost").resolve(file)));
        ProgramRun carried = breakwater(carrying("copy", "lost", "--json"));
        assertThat(json(carried).path("version").asInt()).as(carried.toString()).isEqualTo(2);
        assertThat(content(target, replica("lost"), 2).rows()).isZero();
        source.list(original("lost").resolve("")).forEach(info -> source.delete(info.uri()));
        List<ObjectInfo> untouched = objects(target, replica("lost"));

        ProgramRun stopped = breakwater(carrying("copy", "lost"));
        assertThat(stopped.exitCode()).as(stopped.toString()).isEqualTo(1);
        assertThat(stopped.output()).contains("the source's log is gone").contains("at version 2");
        assertThat(objects(target, replica("lost"))).isEqualTo(untouched);

        ProgramRun asOf =
                onReplica("asof", "lost", "--time", before.plusSeconds(1).toString(), "--json");
        assertThat(json(asOf).path("versions").get(0).path("version").asInt())
                .as(asOf.toString())
                .isEqualTo(1);
        assertThat(json(asOf).path("versions").get(0).path("origin").asText()).isEqualTo("source");
        assertThat(onReplica("asof", "lost").output().lines().filter(line -> line.startsWith("version ")))
                .hasSize(3);

        ProgramRun looked = onReplica(
                "restore",
                "lost",
                "--version",
                "1",
                "--as-new-table",
                directory.resolve("looked").toUri().toString());
        assertThat(looked.exitCode()).as(looked.toString()).isZero();

        ProgramRun refused =
                onReplica("restore", "lost", "--time", before.plusSeconds(1).toString());
        assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
        assertThat(refused.output()).contains("--detach");

        ProgramRun restored =
                onReplica("restore", "lost", "--time", before.plusSeconds(1).toString(), "--detach");
        assertThat(restored.exitCode()).as(restored.toString()).isZero();
        TableContent now = content(target, replica("lost"), 3);
        assertThat(now.sameRows(good)).isTrue();
        assertThat(now.files()).isEqualTo(good.files());
        assertThat(content(target, replica("lost"), 2).rows())
                .as("the history stays")
                .isZero();
    }

    @Test
    void whatCannotBeDoneIsSaid() throws Exception {
        FlightTable table = writer("refused");
        append(table, 0, 10);

        ProgramRun nowhere = breakwater(
                "table",
                "copy",
                original("none").toString(),
                directory.resolve("none").toString());
        ProgramRun unreachable = breakwater(
                "table",
                "copy",
                original("refused").toString(),
                directory.resolve("refused").toString(),
                "--source-endpoint",
                "http://127.0.0.1:1");
        ProgramRun usage = breakwater("table", "copy", "gs://bucket/t", directory.toString());

        assertThat(nowhere.exitCode()).as(nowhere.toString()).isEqualTo(1);
        assertThat(nowhere.output()).contains("no Delta table at s3://lake-east/none");
        assertThat(unreachable.exitCode()).as(unreachable.toString()).isEqualTo(3);
        assertThat(usage.exitCode()).as(usage.toString()).isEqualTo(2);
    }

    /** The log of such a table is not the whole of it: its newest commits are where the catalog says. */
    @Test
    void aTableWhoseCommitsACatalogDecidesIsRefused() throws Exception {
        append(writer("catalog"), 0, 10);
        assertThat(breakwater(carrying("copy", "catalog")).exitCode()).isZero();
        commit(
                "catalog",
                1,
                "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"catalogManaged\"],"
                        + "\"writerFeatures\":[\"catalogManaged\",\"inCommitTimestamp\"]}}");
        List<ObjectInfo> untouched = objects(target, replica("catalog"));

        ProgramRun refused = breakwater(carrying("copy", "catalog"));

        assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
        assertThat(refused.output()).contains("00000000000000000001.json").contains("catalog");
        assertThat(objects(target, replica("catalog"))).isEqualTo(untouched);
        assertThat(content(target, replica("catalog"), 0).rows()).isEqualTo(10);
    }

    /** A commit from the year 3000, and one from before 1970 after it: "as of" a time stays in the versions' order. */
    @Test
    void clocksThatGoWrongHoldUpNothing() throws Exception {
        append(writer("clocks"), 0, 10);
        commit("clocks", 1, "{\"commitInfo\":{\"timestamp\":32503680000000,\"inCommitTimestamp\":32503680000000}}");
        commit("clocks", 2, "{\"commitInfo\":{\"timestamp\":-5,\"inCommitTimestamp\":-5}}");

        ProgramRun carried = breakwater(carrying("copy", "clocks", "--json"));

        assertThat(json(carried).path("version").asInt()).as(carried.toString()).isEqualTo(2);
        assertThat(content(target, replica("clocks"), 2).sameRows(content(source, original("clocks"), 2)))
                .isTrue();
        assertThat(asOf("clocks", "2999-12-31T00:00:00Z")).isZero();
        assertThat(asOf("clocks", "3000-01-02T00:00:00Z")).isEqualTo(2);
    }

    private int asOf(String name, String time) throws Exception {
        ProgramRun asOf = onReplica("asof", name, "--time", time, "--json");
        return json(asOf).path("versions").get(0).path("version").asInt();
    }

    private void commit(String name, long version, String action) {
        source.putIfAbsent(
                new DeltaLogFiles(source, original(name)).commitFile(version),
                (action + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private void deleteAllRows(String name, long version, TableContent content) {
        StringBuilder commit = new StringBuilder("{\"commitInfo\":{\"timestamp\":")
                .append(System.currentTimeMillis())
                .append(",\"operation\":\"DELETE\"}}\n");
        content.files()
                .keySet()
                .forEach(file -> commit.append("{\"remove\":{\"path\":\"")
                        .append(file)
                        .append("\",\"dataChange\":true,\"deletionTimestamp\":")
                        .append(System.currentTimeMillis())
                        .append("}}\n"));
        source.putIfAbsent(
                new DeltaLogFiles(source, original(name)).commitFile(version),
                commit.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The source's endpoint is in the environment, as AWS's tools have it; the target's is a flag. */
    private Object[] carrying(String command, String name, Object... more) {
        List<Object> arguments = new ArrayList<>(
                List.of("table", command, original(name), replica(name), "--endpoint", west.endpoint()));
        arguments.addAll(List.of(more));
        return arguments.toArray();
    }

    private ProgramRun onReplica(String command, String name, Object... more) throws Exception {
        List<Object> arguments =
                new ArrayList<>(List.of("table", command, replica(name), "--endpoint", west.endpoint()));
        arguments.addAll(List.of(more));
        return breakwater(arguments.toArray());
    }

    private ProgramRun breakwater(Object... arguments) throws IOException, InterruptedException {
        String[] words = Stream.of(arguments).map(Object::toString).toArray(String[]::new);
        return ProgramRun.of(directory, environment(), layout.launcher(), words);
    }

    private Process start(String output, Object... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(layout.launcher().toString()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(output).toFile());
        builder.environment().putAll(environment());
        return builder.start();
    }

    private Map<String, String> environment() {
        return Map.of(
                "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY,
                "AWS_ENDPOINT_URL_S3", east.endpoint().toString());
    }

    private static JsonNode json(ProgramRun run) throws IOException {
        String last = run.output()
                .lines()
                .filter(line -> line.startsWith("{"))
                .reduce((older, newer) -> newer)
                .orElseThrow(() -> new AssertionError("no JSON: " + run));
        return Json.MAPPER.readTree(last);
    }

    private static List<ObjectInfo> objects(ObjectStore store, ObjectUri table) {
        return store.list(table.resolve(""));
    }

    private static TableContent content(ObjectStore store, ObjectUri table, long version) throws Exception {
        return new TableReader(store, table).content(version);
    }

    private FlightTable writer(String name) {
        return new FlightTable(
                source, east.site(), LakeSettings.s3a(original(name).toString()), "flights-archiver", "eastCluster");
    }

    private static void append(FlightTable table, int version, int rows) throws IOException {
        List<FlightEvent> events = new ArrayList<>();
        Random random = new Random(version);
        for (int i = 0; i < rows; i++) {
            long id = (long) version * rows + i;
            events.add(new FlightEvent(
                    random.nextLong(), id, "ATL", "BOS", "2001-01-01T00:47", random.nextInt(), random.nextInt(), id));
        }
        OffsetVector before = version == 0 ? OffsetVector.EMPTY : at(version * 10L);
        assertThat(table.append(events, before, at((version + 1) * 10L))).isEqualTo(version);
    }

    private static OffsetVector at(long offset) {
        return new OffsetVector(new TreeMap<>(Map.of(INPUT, offset)));
    }

    private ObjectUri original(String name) {
        return new ObjectUri("lake-east", name);
    }

    private ObjectUri replica(String name) {
        return new ObjectUri("lake-west", name);
    }
}
