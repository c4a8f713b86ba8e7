package io.breakwater.local.flights;

import static org.awaitility.Awaitility.await;

import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.Receipt;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.delta.DeltaMirrorConnector;
import io.breakwater.replicator.delta.DeltaMirrorTask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.connect.source.SourceRecord;

/** The connector's one task, polled by the test as a worker would; its receipts are kept. */
final class MirrorRun implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final DeltaMirrorTask task = new DeltaMirrorTask();
    private final List<Receipt> receipts = new ArrayList<>();

    MirrorRun(Path platformFile) {
        this(taskSettings(platformFile));
    }

    /** @param settings of the task, as the connector has made them */
    MirrorRun(Map<String, String> settings) {
        task.start(settings);
    }

    private static Map<String, String> taskSettings(Path platformFile) {
        DeltaMirrorConnector connector = new DeltaMirrorConnector();
        connector.start(connectorSettings(platformFile));
        try {
            return connector.taskConfigs(1).get(0);
        } finally {
            connector.stop();
        }
    }

    static Map<String, String> connectorSettings(Path platformFile) {
        return FlowConfig.settings(platformFile, "flights", Flow.parse("east-west"));
    }

    /** A platform file of two regions with these tables: name to path below the lake. */
    static Path platform(Path file, S3Server east, S3Server west, Map<String, String> tables) throws IOException {
        StringBuilder assets = new StringBuilder();
        tables.forEach((name, path) -> assets.append("      - {kind: delta-table, name: \"")
                .append(name)
                .append("\", path: \"s3://{lake}/")
                .append(path)
                .append("\"}\n"));
        return platform(file, east, west, assets.toString());
    }

    /** @param assets their lines in the platform file */
    static Path platform(Path file, S3Server east, S3Server west, String assets) throws IOException {
        return Files.writeString(file, """
                platform: it
                nodes:
                  - {id: east, region: east, raft: "127.0.0.1:1", http: "127.0.0.1:2"}
                regions:
                %s%sgroups:
                  flights:
                    home: east
                    standby: west
                    objectives: {rto: PT15M, rpo: PT5M}
                    policy: {mode: advisory}
                    pipelinePrincipals: []
                    assets:
                %s""".formatted(region("east", east), region("west", west), assets));
    }

    private static String region(String name, S3Server server) {
        return """
                  %s:
                    kafka: {bootstrap: "127.0.0.1:1", client: {}, mirror: {}, mirrorPrincipal: "User:mirror"}
                    connect: {url: "http://127.0.0.1:1"}
                    flink: {url: "http://127.0.0.1:1"}
                    objectStore:
                      {region: us-east-1, endpoint: "%s", accessKey: %s, secretKey: %s, buckets: {lake: lake-%s}}
                """.formatted(name, server.endpoint(), S3Server.ACCESS_KEY, S3Server.SECRET_KEY, name);
    }

    void poll() throws InterruptedException {
        List<SourceRecord> records = task.poll();
        if (records != null) {
            records.forEach(record -> receipts.add(Receipt.fromJson((byte[]) record.value())));
        }
    }

    void pollUntil(Callable<Boolean> condition) {
        await().pollInSameThread()
                .atMost(LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    poll();
                    return condition.call();
                });
    }

    /** The announced versions of a table, in the order of their receipts. */
    List<Long> versions(String table) {
        return receipts.stream()
                .filter(receipt -> receipt.asset().equals(new AssetId("delta-table", table)))
                .map(receipt -> Long.parseLong(receipt.position().version().orElseThrow()))
                .toList();
    }

    /** What the task's newest report says is wrong. */
    List<Alarm> alarms() {
        return receipts.stream()
                .flatMap(receipt -> receipt.health().stream())
                .reduce((older, newer) -> newer)
                .map(MirrorHealth::alarms)
                .orElse(List.of());
    }

    boolean hasAnnounced(String table, long version) {
        return versions(table).contains(version);
    }

    @Override
    public void close() {
        task.stop();
    }
}
