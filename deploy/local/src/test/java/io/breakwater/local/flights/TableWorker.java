package io.breakwater.local.flights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.region.ConnectRest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;

/** The replicator's Connect worker of the second region, from the archive, with its Kafka cluster: to be killed. */
final class TableWorker implements AutoCloseable {

    private static final String CONNECTOR = "flights.delta-table.east-west";
    private static final Duration SOON = Duration.ofMinutes(3);

    private final KafkaServer kafka;
    private final BreakwaterServer worker;
    private final ConnectRest connect;

    /** @param tables paths below the lake */
    TableWorker(Path directory, LakePair lakes, List<String> tables) throws IOException {
        ProjectLayout layout = ProjectLayout.find();
        kafka = KafkaServer.in(layout, "kafka-west", Files.createDirectories(directory.resolve("kafka")));
        Path jaas = Files.writeString(directory.resolve("admin.jaas"), Principal.ADMIN.jaas());
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        connect = new ConnectRest(url);
        StringBuilder assets = new StringBuilder();
        tables.forEach(table -> assets.append("      - {kind: delta-table, name: ")
                .append(table)
                .append(", path: \"s3://{lake}/")
                .append(table)
                .append("\"}\n"));
        // Tables need nothing of the source's Kafka cluster: there is none.
        String platform = """
                platform: flights
                nodes:
                  - {id: east, region: east, raft: "127.0.0.1:1", http: "127.0.0.1:2"}
                regions:
                %s%sgroups:
                  flights:
                    home: east
                    standby: west
                    objectives: {rto: PT1M, rpo: PT30S}
                    policy: {mode: advisory}
                    pipelinePrincipals: []
                    assets:
                %s""".formatted(
                        region("east", lakes.east, "127.0.0.1:1", jaas, "http://127.0.0.1:3"),
                        region("west", lakes.west, kafka.bootstrap(), jaas, url.toString()),
                        assets);
        Path file = Files.writeString(directory.resolve("platform.yaml"), platform);
        worker = BreakwaterServer.in(
                layout,
                "replicator-west",
                directory.resolve("replicator"),
                new BreakwaterServer.Command(
                        List.of(
                                "replicator",
                                "--platform",
                                file.toString(),
                                "--region",
                                "west",
                                "--data",
                                directory.resolve("replicator/data").toString()),
                        "256m",
                        url.resolve("/connectors")));
    }

    private static String region(String name, S3Server store, String bootstrap, Path jaas, String connectUrl) {
        String client = "{security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.jaas.config: \"${file:" + jaas
                + "}\"}";
        return """
                  %s:
                    kafka:
                      bootstrap: "%s"
                      client: %s
                      worker: %s
                      mirror: %s
                      mirrorPrincipal: "%s"
                    connect: {url: "%s"}
                    flink: {url: "http://127.0.0.1:4"}
                    objectStore: {region: us-east-1, endpoint: "%s", accessKey: %s, secretKey: %s, buckets: {lake: lake-%s}}
                """.formatted(
                        name,
                        bootstrap,
                        client,
                        client,
                        client,
                        Principal.ADMIN.kafkaPrincipal(),
                        connectUrl,
                        store.endpoint(),
                        S3Server.ACCESS_KEY,
                        S3Server.SECRET_KEY,
                        name);
    }

    /** Returns when the connector is told to run. */
    void start(Progress progress) throws InterruptedException {
        kafka.start(progress);
        worker.start(progress);
        await().atMost(SOON)
                .until(() -> connect.connectors().ifOk().orElse(new TreeSet<>()).contains(CONNECTOR));
        await().atMost(SOON)
                .until(() -> connect.status(CONNECTOR)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED"))
                        .isPresent());
        assertThat(connect.resume(CONNECTOR).ifOk()).isPresent();
    }

    /** SIGKILL, to the worker and all that it started. */
    void kill() {
        worker.kill();
    }

    /** Returns before it serves. */
    void launch() throws InterruptedException {
        worker.launch();
    }

    @Override
    public void close() {
        worker.close();
        kafka.close();
    }
}
