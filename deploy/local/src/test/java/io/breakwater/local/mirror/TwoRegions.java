package io.breakwater.local.mirror;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.local.server.Server;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.Receipt;
import io.breakwater.region.ConnectRest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Two regions with a lease in their brokers, a replicator each, one controller node outside of both, and a group of
 * Kafka assets. One object store has the buckets of both.
 */
final class TwoRegions implements AutoCloseable {

    static final int PARTITIONS = 2;

    private static final String TOKEN = "three-legs-and-their-token";
    private static final Duration KEYGEN_LIMIT = Duration.ofMinutes(1);

    private final ProjectLayout layout = ProjectLayout.find();
    private final Path directory;
    private final boolean byAcls;
    private final S3Server store;
    private final Map<String, KafkaServer> kafka = new TreeMap<>();
    private final Map<String, BreakwaterServer> replicators = new TreeMap<>();
    private final BreakwaterServer controller;
    private final Platform platform;
    private final ControllerClient client;

    TwoRegions(Path directory) throws IOException {
        this(directory, "");
    }

    /** @param moreAssets of the group, a line of YAML each, without indentation */
    TwoRegions(Path directory, String moreAssets) throws IOException {
        this(directory, moreAssets, false);
    }

    /** Clusters without the broker plugin. */
    static TwoRegions closedByAcls(Path directory) throws IOException {
        return new TwoRegions(directory, "", true);
    }

    private TwoRegions(Path directory, String moreAssets, boolean byAcls) throws IOException {
        this.directory = directory;
        this.byAcls = byAcls;
        for (Principal principal : Principal.values()) {
            Files.writeString(directory.resolve(principal.user() + ".jaas"), principal.jaas());
        }
        Path token = Files.writeString(directory.resolve("token"), TOKEN);
        URI http = URI.create("http://127.0.0.1:" + FreePorts.next());
        store = S3Server.in(
                layout,
                "s3",
                Files.createDirectories(directory.resolve("s3")),
                Map.of(
                        "breakwater",
                        "breakwater-east",
                        "west",
                        "breakwater-west",
                        "lake",
                        "legs-east",
                        "lake-west",
                        "legs-west"));
        StringBuilder regions = new StringBuilder();
        for (String name : List.of("east", "west")) {
            kafka.put(name, kafka(name, http, token));
            URI connect = URI.create("http://127.0.0.1:" + FreePorts.next());
            replicators.put(name, replicator(name, connect));
            regions.append(region(name, connect));
        }
        controller = controller(http, token);
        Files.writeString(file(), """
                platform: flights
                nodes:
                  - {id: witness, raft: "127.0.0.1:%d", http: "%s"}
                regions:
                %s
                groups:
                  flights:
                    home: east
                    standby: west
                    objectives: {rto: PT1M, rpo: PT30S}
                    policy: {mode: advisory, lease: PT4S, leaseMargin: PT1S}
                    pipelinePrincipals: ["User:pipeline"]
                    assets:
                      - {kind: kafka-topic, pattern: "flights\\\\..*"}
                      - {kind: consumer-group, pattern: "flights-.*"}
                %s
                """.formatted(FreePorts.next(), http.getAuthority(), regions, moreAssets.indent(6)));
        platform = PlatformFile.load(file());
        client = new ControllerClient(http, TOKEN);
    }

    private KafkaServer kafka(String region, URI controller, Path token) throws IOException {
        Path own = Files.createDirectories(directory.resolve(region));
        return byAcls
                ? KafkaServer.closable(layout, "kafka-" + region, own)
                : KafkaServer.withLease(
                        layout, "kafka-" + region, own, new KafkaServer.Lease(region, List.of(controller), token));
    }

    private Path file() {
        return directory.resolve("platform.yaml");
    }

    private BreakwaterServer replicator(String region, URI connect) {
        Path own = directory.resolve("replicator-" + region);
        List<String> words = List.of(
                "replicator",
                "--platform",
                file().toString(),
                "--region",
                region,
                "--data",
                own.resolve("data").toString());
        return BreakwaterServer.in(
                layout,
                "replicator-" + region,
                own,
                new BreakwaterServer.Command(words, "256m", connect.resolve("/connectors")));
    }

    private BreakwaterServer controller(URI http, Path token) {
        Path own = directory.resolve("controller");
        List<String> words = List.of(
                "controller",
                "--platform",
                file().toString(),
                "--node",
                "witness",
                "--data",
                own.resolve("data").toString(),
                "--token-file",
                token.toString(),
                "--evidence-key",
                directory.resolve("evidence-key").toString(),
                "--runbooks",
                layout.runbooks().toString());
        return BreakwaterServer.in(
                layout, "controller", own, new BreakwaterServer.Command(words, "192m", http.resolve("/v1/status")));
    }

    private String region(String name, URI connect) {
        return "  " + name + ":\n"
                + "    kafka:\n"
                + "      bootstrap: \"" + kafka(name).bootstrap() + "\"\n"
                + login("client", Principal.ADMIN)
                + login("worker", Principal.CONNECT)
                + login("mirror", Principal.MIRROR)
                + "      mirrorPrincipal: \"" + Principal.MIRROR.kafkaPrincipal() + "\"\n"
                + (byAcls ? fence() : "")
                + "    connect: {url: \"" + connect + "\"}\n"
                + "    objectStore: {region: us-east-1, endpoint: \"" + store.endpoint() + "\", accessKey: \""
                + S3Server.ACCESS_KEY + "\", secretKey: \"" + S3Server.SECRET_KEY
                + "\", buckets: {breakwater: breakwater-" + name + ", lake: legs-" + name + "}}\n"
                + "    flink: {url: \"http://127.0.0.1:4\"}\n";
    }

    private String fence() {
        return "      fence:\n        kind: acls\n"
                + "        probePrincipal: \"" + Principal.DRILL.kafkaPrincipal() + "\"\n"
                + "        exempt: [\"" + Principal.ADMIN.kafkaPrincipal() + "\", \""
                + Principal.CONNECT.kafkaPrincipal() + "\"]\n"
                + "  " + login("probe", Principal.DRILL);
    }

    private String login(String role, Principal principal) {
        return "      " + role
                + ": {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN, sasl.jaas.config: \"${file:"
                + directory.resolve(principal.user() + ".jaas") + "}\"}\n";
    }

    void start(Progress progress) throws Exception {
        ServerProcess.run(
                BreakwaterServer.launch(
                        layout,
                        "keygen",
                        directory,
                        "64m",
                        List.of(
                                "audit",
                                "keygen",
                                "--name",
                                "breakwater/flights",
                                "--key-file",
                                directory.resolve("evidence-key").toString(),
                                "--vkey-file",
                                directory.resolve("evidence.vkey").toString())),
                KEYGEN_LIMIT);
        start(List.of(store, kafka("east"), kafka("west")), progress);
        for (String name : kafka.keySet()) {
            try (Admin admin = Admin.create(kafka(name).client(Principal.ADMIN))) {
                admin.createTopics(List.of(new NewTopic(Receipt.TOPIC, 1, (short) 1)))
                        .all()
                        .get();
            }
        }
        try (Admin admin = Admin.create(kafka("east").client(Principal.ADMIN))) {
            admin.createTopics(List.of(
                            new NewTopic(MirrorPair.EVENTS, PARTITIONS, (short) 1),
                            new NewTopic(MirrorPair.DELAYS, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        start(List.of(controller), progress);
        start(List.copyOf(replicators.values()), progress);
    }

    private static void start(List<Server> servers, Progress progress) throws InterruptedException {
        for (Server server : servers) {
            server.launch();
        }
        for (Server server : servers) {
            server.awaitReady(progress);
        }
    }

    /** Kafka and Connect of a region end at once. */
    void kill(String region) {
        List<Server> servers = List.of(kafka(region), replicator(region));
        servers.forEach(server -> server.processes().forEach(ServerProcess::signalKill));
        servers.forEach(Server::kill);
    }

    /** They come back with their data. */
    void restart(String region, Progress progress) throws InterruptedException {
        start(List.of(kafka(region)), progress);
        start(List.of(replicator(region)), progress);
    }

    KafkaServer kafka(String region) {
        KafkaServer server = kafka.get(region);
        if (server == null) {
            throw new IllegalArgumentException("no region " + region);
        }
        return server;
    }

    private BreakwaterServer replicator(String region) {
        BreakwaterServer server = replicators.get(region);
        if (server == null) {
            throw new IllegalArgumentException("no region " + region);
        }
        return server;
    }

    ConnectRest connect(String region) {
        return new ConnectRest(platform.region(region).connect().url());
    }

    Platform platform() {
        return platform;
    }

    ControllerClient controller() {
        return client;
    }

    @Override
    public void close() {
        replicators.values().forEach(Server::close);
        controller.close();
        kafka.values().forEach(Server::close);
        store.close();
    }
}
