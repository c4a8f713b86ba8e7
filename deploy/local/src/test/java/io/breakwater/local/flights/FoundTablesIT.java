package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Alarm;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.delta.DeltaMirrorConnector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceConnectorContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Tables that no platform file names, found on a real S3 server; and a table that stops and goes on. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FoundTablesIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final byte[] COMMIT =
            "{\"commitInfo\":{\"timestamp\":1,\"operation\":\"WRITE\"}}\n{\"metaData\":{\"id\":\"x\"}}\n"
                    .getBytes(StandardCharsets.UTF_8);

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
        east.start(Progress.to(System.out));
        west.start(Progress.to(System.out));
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
    void newTablesBelowAPrefixAreFoundWhileItRuns() throws Exception {
        commit("gold/a", 0);
        commit("gold/deep/b", 0);
        commit("silver/c", 0);
        source.put(new ObjectUri("lake-east", "gold/plain/file"), COMMIT);
        Path platform = MirrorRun.platform(
                directory.resolve("prefix.yaml"),
                east,
                west,
                "      - {kind: delta-table, prefix: \"s3://{lake}/gold\"}\n");
        Map<String, String> settings = new TreeMap<>(MirrorRun.connectorSettings(platform));
        settings.put(DeltaMirrorConnector.SEARCH, "1");
        Reconfigurations asked = new Reconfigurations();
        DeltaMirrorConnector connector = new DeltaMirrorConnector();
        connector.initialize(asked);
        connector.start(settings);
        try {
            assertThat(connector.taskConfigs(8)).hasSize(2);
            try (MirrorRun mirror = new MirrorRun(connector.taskConfigs(1).get(0))) {
                mirror.pollUntil(() -> mirror.hasAnnounced("gold/a", 0) && mirror.hasAnnounced("gold/deep/b", 0));
            }
            commit("gold/new", 0);
            await().atMost(Duration.ofSeconds(60)).until(() -> asked.count.get() > 0);
            try (MirrorRun mirror = new MirrorRun(connector.taskConfigs(1).get(0))) {
                mirror.pollUntil(() -> mirror.hasAnnounced("gold/new", 0));
                assertThat(mirror.versions("silver/c")).isEmpty();
            }
        } finally {
            connector.stop();
        }
    }

    @Test
    void aTableThatStoppedIsAnAlarmAndGoesOnByItself() throws Exception {
        commit("stops", 0);
        commit("other", 0);
        Path platform = MirrorRun.platform(
                directory.resolve("stops.yaml"), east, west, Map.of("stops", "stops", "other", "other"));
        DeltaLogFiles replica = new DeltaLogFiles(target, new ObjectUri("lake-west", "stops"));
        try (MirrorRun mirror = new MirrorRun(platform)) {
            mirror.pollUntil(() -> mirror.hasAnnounced("stops", 0) && mirror.hasAnnounced("other", 0));
            target.put(
                    replica.commitFile(1),
                    "{\"commitInfo\":{\"operation\":\"MERGE\",\"engineInfo\":\"foreign\"}}"
                            .getBytes(StandardCharsets.UTF_8));
            commit("stops", 1);
            commit("other", 1);

            mirror.pollUntil(
                    () -> mirror.hasAnnounced("other", 1) && !mirror.alarms().isEmpty());
            assertThat(mirror.alarms())
                    .singleElement()
                    .satisfies(alarm -> assertThat(alarm)
                            .returns("table-stopped", Alarm::kind)
                            .returns("delta-table/stops", Alarm::subject)
                            .returns(true, Alarm::blocking)
                            .extracting(Alarm::message)
                            .asString()
                            .contains("fork at version 1", "SHA-256", "WRITE", "MERGE by foreign"));

            target.delete(replica.commitFile(1));
            mirror.pollUntil(
                    () -> mirror.hasAnnounced("stops", 1) && mirror.alarms().isEmpty());
        }
    }

    private void commit(String table, long version) {
        source.put(new DeltaLogFiles(source, new ObjectUri("lake-east", table)).commitFile(version), COMMIT);
    }

    /** Counts how often Connect is asked for new tasks. */
    private static final class Reconfigurations implements SourceConnectorContext {

        private final AtomicInteger count = new AtomicInteger();

        @Override
        public void requestTaskReconfiguration() {
            count.incrementAndGet();
        }

        @Override
        public void raiseError(Exception e) {
            throw new AssertionError(e);
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            throw new AssertionError("positions are on the target");
        }

        @Override
        public PluginMetrics pluginMetrics() {
            throw new AssertionError("no metrics are made");
        }
    }
}
