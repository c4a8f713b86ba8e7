package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.AssetId;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.copy.CopyLimits;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.delta.DeltaMirrorConnector;
import io.breakwater.replicator.delta.FileShare;
import io.breakwater.replicator.delta.MirrorPolicy;
import io.breakwater.replicator.delta.MirroredTable;
import io.breakwater.replicator.delta.TableAhead;
import io.breakwater.replicator.delta.TableMirror;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** One table's files over several tasks, between real S3 servers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SharedTableIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final ProjectLayout layout = ProjectLayout.find();

    private Path directory;
    private S3Server east;
    private S3Server west;
    private ObjectStore source;
    private ObjectStore target;

    @BeforeAll
    void servers(@TempDir Path shared) throws InterruptedException {
        directory = shared;
        east = S3Server.in(layout, "s3-east", directory.resolve("east"), Map.of("lake", "lake-east"));
        west = S3Server.in(layout, "s3-west", directory.resolve("west"), Map.of("lake", "lake-west"));
        east.start(PROGRESS);
        west.start(PROGRESS);
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
    void aTableOfThreeTasksIsFinishedByOneWhenTheOthersAreDead() throws Exception {
        commit("big", 0, 60, 20_000);
        Path platform = MirrorRun.platform(
                directory.resolve("big.yaml"),
                east,
                west,
                "      - {kind: delta-table, name: big, path: \"s3://{lake}/big\", tasks: 3}\n");
        DeltaMirrorConnector connector = new DeltaMirrorConnector();
        connector.start(MirrorRun.connectorSettings(platform));
        List<Map<String, String>> tasks = connector.taskConfigs(4);
        connector.stop();
        assertThat(tasks).hasSize(3);

        try (MirrorRun second = new MirrorRun(tasks.get(1));
                MirrorRun third = new MirrorRun(tasks.get(2))) {
            second.pollUntil(() -> !files("big").isEmpty());
            third.pollUntil(() -> files("big").size() > 10);
            assertThat(target.list(at("lake-west", "big/_delta_log")))
                    .as("published by nobody")
                    .isEmpty();
            assertThat(second.versions("big")).isEmpty();
        }
        int ahead = files("big").size();
        commit("big", 1, 20, 20_000);
        try (MirrorRun own = new MirrorRun(tasks.get(0))) {
            own.pollUntil(() -> own.hasAnnounced("big", 1));
            assertThat(own.alarms()).isEmpty();
        }
        assertThat(ahead).as("copied ahead").isBetween(11, 59);
        assertSame("big");
    }

    /** A seed of 2,000 files of 200 kB by one task and by three, without a limit and with 20 MB/s for each task. */
    @Test
    @Tag("full")
    void threeTasksSeedFasterThanOne() throws Exception {
        commit("seed", 0, 2_000, 200_000);
        double oneLimited = seconds("one-limited", 1, OptionalLong.of(20_000_000));
        double threeLimited = seconds("three-limited", 3, OptionalLong.of(20_000_000));
        double one = seconds("one", 1, OptionalLong.empty());
        double three = seconds("three", 3, OptionalLong.empty());

        PROGRESS.line("seed of 2,000 x 200 kB, 20 MB/s a task: 1 task %.1f s, 3 tasks %.1f s; no limit: %.1f s, %.1f s"
                .formatted(oneLimited, threeLimited, one, three));
        assertThat(threeLimited).isLessThan(oneLimited);
    }

    /** Each share has a copier of its own, as each task has. */
    private double seconds(String replica, int tasks, OptionalLong bytesPerSecond) throws Exception {
        CopyLimits limits = new CopyLimits(8, 8 << 20, 4, Duration.ofMillis(150), directory, bytesPerSecond);
        List<ObjectCopier> copiers = IntStream.range(0, tasks)
                .mapToObj(task -> new ObjectCopier(source, target, limits))
                .toList();
        ExecutorService threads = Executors.newFixedThreadPool(tasks);
        List<Future<?>> ahead = new ArrayList<>();
        long begin = System.nanoTime();
        for (int task = 1; task < tasks; task++) {
            TableAhead share =
                    new TableAhead(table(replica, copiers.get(task), new FileShare(task, tasks)), Clock.systemUTC());
            ahead.add(threads.submit(share::advance));
        }
        TableMirror own = new TableMirror(table(replica, copiers.get(0), new FileShare(0, tasks)), Clock.systemUTC());
        while (own.position() < 0) {
            own.advance();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        for (Future<?> share : ahead) {
            share.get();
        }
        threads.shutdownNow();
        copiers.forEach(ObjectCopier::close);
        assertThat(files(replica)).hasSize(2_000);
        return seconds;
    }

    private MirroredTable table(String replica, ObjectCopier copier, FileShare share) {
        return MirroredTable.of(
                        new AssetId("delta-table", replica),
                        Optional.empty(),
                        source,
                        at("lake-east", "seed"),
                        target,
                        at("lake-west", replica),
                        copier,
                        MirrorPolicy.careful())
                .with(share);
    }

    private static ObjectUri at(String bucket, String path) {
        return new ObjectUri(bucket, path);
    }

    /** A version that adds files of random bytes. */
    private void commit(String table, long version, int files, int bytes) {
        ObjectUri root = at("lake-east", table);
        String adds = IntStream.range(0, files)
                .parallel()
                .mapToObj(i -> {
                    String path = "part-%05d-%d.parquet".formatted(i, version);
                    byte[] content = new byte[bytes];
                    new Random(version * files + i).nextBytes(content);
                    source.put(root.resolve(path), content);
                    return "{\"add\":{\"path\":\"" + path + "\",\"size\":" + bytes + ",\"dataChange\":true}}";
                })
                .collect(Collectors.joining("\n"));
        String lines = "{\"commitInfo\":{\"timestamp\":1}}\n{\"metaData\":{\"id\":\"" + table + "\"}}\n" + adds;
        source.put(new DeltaLogFiles(source, root).commitFile(version), lines.getBytes(StandardCharsets.UTF_8));
    }

    private List<ObjectInfo> files(String table) {
        return target.list(at("lake-west", table + "/part-"));
    }

    private void assertSame(String table) {
        List<ObjectInfo> meant = source.list(at("lake-east", table + "/"));
        assertThat(target.list(at("lake-west", table + "/")))
                .extracting(info -> info.uri().key(), ObjectInfo::size, ObjectInfo::etag)
                .containsExactlyElementsOf(meant.stream()
                        .map(info -> tuple(info.uri().key(), info.size(), info.etag()))
                        .toList());
    }
}
