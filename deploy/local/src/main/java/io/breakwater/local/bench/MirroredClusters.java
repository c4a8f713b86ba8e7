package io.breakwater.local.bench;

import io.breakwater.local.PlatformFiles;
import io.breakwater.local.PlatformTemplate;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/**
 * Two clusters and the replicator of the second, as the archive runs it; its flow stays stopped. Connectors that are
 * measured are added to its worker, one running at a time. Not for concurrent use.
 */
final class MirroredClusters implements AutoCloseable {

    private static final String HEAP = "1g";
    private static final String FLOW =
            new ConnectorName("bench", AssetSpec.KAFKA_TOPIC, new Flow("east", "west")).toString();

    private final KafkaServer east;
    private final KafkaServer west;
    private final BenchWorker worker;

    /** @param directory empty or absent */
    MirroredClusters(ProjectLayout layout, Path directory) {
        east = KafkaServer.in(layout, "kafka-east", directory.resolve("east"));
        west = KafkaServer.in(layout, "kafka-west", directory.resolve("west"));
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        PlatformFiles files = new PlatformFiles(directory);
        files.writeSecrets();
        files.writePlatformFile(PlatformTemplate.read(layout.root().resolve("deploy/local/mirror.yaml"))
                .filled(Map.of(
                        "secrets", files.secrets().toString(),
                        "east.kafka", east.bootstrap(),
                        "west.kafka", west.bootstrap(),
                        "west.connect", url.toString())));
        Path data = directory.resolve("replicator");
        worker = new BenchWorker(
                url,
                files.platformFile(),
                data.resolve("data"),
                (name, words) -> BreakwaterServer.atFullSpeed(
                        layout, name, data, new BreakwaterServer.Command(words, HEAP, url.resolve("/connectors"))));
    }

    void start(Progress progress) throws InterruptedException {
        east.launch();
        west.launch();
        east.awaitReady(progress);
        west.awaitReady(progress);
        worker.start(progress);
    }

    Map<String, Object> east() {
        return east.client(Principal.ADMIN);
    }

    Map<String, Object> west() {
        return west.client(Principal.ADMIN);
    }

    Admin eastAdmin() {
        return Admin.create(east());
    }

    Admin westAdmin() {
        return Admin.create(west());
    }

    /** The flow's configuration, as the replicator itself has made it from the platform file. */
    Map<String, String> flowSettings() throws InterruptedException {
        return worker.settingsOf(FLOW);
    }

    /** Starts a connector with these settings and returns when its tasks run. */
    void run(String connector, Map<String, String> settings) throws InterruptedException {
        worker.run(connector, settings);
    }

    /** Returns when its tasks have ended. */
    void stop(String connector) throws InterruptedException {
        worker.stop(connector);
    }

    @Override
    public void close() {
        worker.close();
        east.close();
        west.close();
    }
}
