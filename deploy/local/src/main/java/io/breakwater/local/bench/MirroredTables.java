package io.breakwater.local.bench;

import io.breakwater.local.PlatformFiles;
import io.breakwater.local.PlatformTemplate;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/**
 * The table mirror between two stores as the archive runs it: a Connect worker with little memory, and a Kafka broker
 * for its offsets and receipts. Not for concurrent use.
 */
final class MirroredTables implements AutoCloseable {

    private static final String HEAP = "200m";
    private static final String FLOW =
            new ConnectorName("bench", AssetSpec.DELTA_TABLE, new Flow("east", "west")).toString();

    private final KafkaServer kafka;
    private final BenchWorker worker;

    /** @param directory empty or absent */
    MirroredTables(ProjectLayout layout, StorePair stores, Path directory) {
        kafka = KafkaServer.in(layout, "kafka", directory.resolve("kafka"));
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        PlatformFiles files = new PlatformFiles(directory);
        files.writeSecrets();
        files.writePlatformFile(PlatformTemplate.read(layout.root().resolve("deploy/local/tables.yaml"))
                .filled(Map.of(
                        "secrets", files.secrets().toString(),
                        "kafka", kafka.bootstrap(),
                        "east.s3", stores.source().endpoint().toString(),
                        "west.s3", stores.target().endpoint().toString(),
                        "west.connect", url.toString())));
        Path data = directory.resolve("replicator");
        worker = new BenchWorker(
                url,
                files.platformFile(),
                data.resolve("data"),
                (name, words) -> BreakwaterServer.in(
                        layout, name, data, new BreakwaterServer.Command(words, HEAP, url.resolve("/connectors"))));
    }

    /** Returns when the flow's tasks run. The tables must be there. */
    void start(Progress progress) throws InterruptedException {
        kafka.start(progress);
        worker.start(progress);
        worker.run(FLOW, worker.settingsOf(FLOW));
    }

    /** Of the worker's process. */
    long pid() {
        return worker.pid();
    }

    @Override
    public void close() {
        worker.close();
        kafka.close();
    }
}
