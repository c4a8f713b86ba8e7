package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.region.ConnectRest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** Two Kafka clusters, an object store, and the replicator of the second region, with the Kafka assets of a group. */
final class MirrorPair implements AutoCloseable {

    static final Flow FLOW = new Flow("east", "west");
    static final String GROUP = "flights";
    static final String EVENTS = "flights.events";
    static final String DELAYS = "flights.delays";
    static final int PARTITIONS = 2;
    private static final Set<String> KINDS =
            Set.of(AssetSpec.KAFKA_TOPIC, AssetSpec.CONSUMER_GROUP, "kafka-receipts", "kafka-topics");
    private static final Duration SOON = Duration.ofMinutes(3);

    final KafkaServer east;
    final KafkaServer west;
    final S3Server store;
    final BreakwaterServer replicator;
    final Platform platform;
    final ConnectRest connect;

    MirrorPair(Path directory) throws IOException {
        this(directory, "", "");
    }

    /**
     * @param moreAssets of the group, a line of YAML each, without indentation
     * @param moreGroups lines of YAML without indentation
     */
    MirrorPair(Path directory, String moreAssets, String moreGroups) throws IOException {
        this(
                directory,
                KafkaServer.in(ProjectLayout.find(), "kafka-west", directory.resolve("west")),
                moreAssets,
                moreGroups);
    }

    /** As the other one, with a standby of a kind of its own. */
    MirrorPair(Path directory, KafkaServer west, String moreAssets, String moreGroups) throws IOException {
        ProjectLayout layout = ProjectLayout.find();
        this.west = west;
        east = KafkaServer.in(layout, "kafka-east", Files.createDirectories(directory.resolve("east")));
        store = S3Server.in(
                layout,
                "s3-west",
                Files.createDirectories(directory.resolve("s3")),
                Map.of("breakwater", "breakwater-west"));
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        Path file = directory.resolve("platform.yaml");
        for (Principal principal : Principal.values()) {
            Files.writeString(directory.resolve(principal.user() + ".jaas"), principal.jaas());
        }
        Files.writeString(file, platformFile(directory, url) + moreAssets.indent(6) + moreGroups.indent(2));
        platform = PlatformFile.load(file);
        connect = new ConnectRest(url);
        replicator = BreakwaterServer.in(
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

    void start(Progress progress) throws Exception {
        east.launch();
        west.launch();
        store.launch();
        east.awaitReady(progress);
        west.awaitReady(progress);
        store.awaitReady(progress);
        try (Admin admin = Admin.create(east.client(Principal.ADMIN))) {
            admin.createTopics(List.of(
                            new NewTopic(EVENTS, PARTITIONS, (short) 1), new NewTopic(DELAYS, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        replicator.start(progress);
    }

    /** Has the mirror, the receipts and the groups of {@link #FLOW} run. */
    void startFlow() throws InterruptedException {
        Set<String> names =
                KINDS.stream().map(kind -> GROUP + "." + kind + "." + FLOW).collect(Collectors.toSet());
        await().atMost(SOON)
                .until(() -> connect.connectors().ifOk().orElse(new TreeSet<>()).containsAll(names));
        for (String name : names) {
            await().atMost(SOON)
                    .until(() -> connect.status(name)
                            .ifOk()
                            .filter(status -> status.state().equals("STOPPED"))
                            .isPresent());
            assertThat(connect.resume(name).ifOk()).as(name).isPresent();
        }
    }

    private String platformFile(Path directory, URI url) {
        return """
                platform: flights
                nodes:
                  - {id: east, region: east, raft: "127.0.0.1:1", http: "127.0.0.1:2"}
                regions:
                """ + region("east", east, directory, "http://127.0.0.1:3")
                + region("west", west, directory, url.toString()) + """
                groups:
                  flights:
                    home: east
                    standby: west
                    objectives: {rto: PT1M, rpo: PT30S}
                    policy: {mode: advisory}
                    pipelinePrincipals: ["User:pipeline"]
                    assets:
                      - {kind: kafka-topic, pattern: "flights\\\\..*"}
                      - {kind: consumer-group, pattern: "flights-maker", outputs: "flights.delays"}
                      - {kind: consumer-group, pattern: "flights-.*"}
                """;
    }

    private String region(String name, KafkaServer kafka, Path directory, String connectUrl) {
        return "  " + name + ":\n"
                + "    kafka:\n"
                + "      bootstrap: \"" + kafka.bootstrap() + "\"\n"
                + client("client", Principal.ADMIN, directory)
                + client("worker", Principal.CONNECT, directory)
                + client("mirror", Principal.MIRROR, directory)
                + "      mirrorPrincipal: \"" + Principal.MIRROR.kafkaPrincipal() + "\"\n"
                + "    connect: {url: \"" + connectUrl + "\"}\n"
                + "    objectStore: {region: us-east-1, endpoint: \""
                + store.site().endpoint().orElseThrow() + "\", accessKey: \""
                + store.site().accessKey().orElseThrow() + "\", secretKey: \""
                + store.site().secretKey().orElseThrow() + "\", buckets: {breakwater: breakwater-west}}\n"
                + "    flink: {url: \"http://127.0.0.1:4\"}\n";
    }

    private static String client(String role, Principal principal, Path directory) {
        return "      " + role
                + ": {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.jaas.config: \"${file:"
                + directory.resolve(principal.user() + ".jaas") + "}\"}\n";
    }

    @Override
    public void close() {
        replicator.close();
        east.close();
        west.close();
        store.close();
    }
}
