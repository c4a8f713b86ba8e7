package io.breakwater.local;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Launch;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.FlinkServers;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.local.server.Server;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Regions {@code east} and {@code west} and a witness: all servers as processes of their own on 127.0.0.1, with ports
 * that stay the same over kills and restarts. Files lie below one directory. Not for concurrent use.
 */
public final class LocalPlatform implements AutoCloseable {

    public static final String EAST = "east";
    public static final String WEST = "west";
    public static final String WITNESS = "witness";

    private static final Duration KEYGEN_LIMIT = Duration.ofMinutes(1);
    private static final String CONTROLLER_HEAP = "192m";
    private static final String REPLICATOR_HEAP = "384m";

    private final ProjectLayout layout;
    private final PlatformFiles files;
    private final Links links;
    private final Map<String, Integer> controllerPorts;
    private final Map<String, Integer> raftPorts;
    private final SortedMap<String, LocalRegion> regions = new TreeMap<>();
    private final BreakwaterServer witness;
    private final Platform platform;

    /**
     * Decides ports and writes the files; starts nothing.
     *
     * @param directory empty or absent
     * @param template the platform file with gaps
     * @param webPort of west's controller node; a free one if empty
     */
    public LocalPlatform(ProjectLayout layout, Path directory, Path template, Optional<Integer> webPort) {
        this(layout, directory, template, webPort, Links.DIRECT);
    }

    /** @param links between its servers; clients of the platform reach them directly */
    public LocalPlatform(ProjectLayout layout, Path directory, Path template, Optional<Integer> webPort, Links links) {
        this.layout = layout;
        this.links = links;
        this.files = new PlatformFiles(directory);
        this.controllerPorts = new TreeMap<>(
                Map.of(EAST, FreePorts.next(), WEST, webPort.orElseGet(FreePorts::next), WITNESS, FreePorts.next()));
        this.raftPorts =
                new TreeMap<>(Map.of(EAST, FreePorts.next(), WEST, FreePorts.next(), WITNESS, FreePorts.next()));
        Map<String, String> gaps = new TreeMap<>();
        gaps.put("secrets", files.secrets().toString());
        gaps.put("clients", files.clients().toString());
        controllerPorts.forEach((node, port) -> {
            gaps.put(node + ".http", "127.0.0.1:" + port);
            gaps.put(node + ".raft", "127.0.0.1:" + raftPorts.get(node));
        });
        for (String name : List.of(EAST, WEST)) {
            LocalRegion region = region(name, directory.resolve(name), FreePorts.next(), gaps);
            regions.put(name, region);
        }
        this.witness = controllerNode(WITNESS);
        files.writeSecrets();
        PlatformTemplate filling = PlatformTemplate.read(template);
        files.writePlatformFile(filling.filled(gaps));
        if (!links.direct()) {
            ofBreakwater().forEach(server -> files.writePlatformFileOf(server, filling.filled(seenBy(server, gaps))));
        }
        this.platform = PlatformFile.load(files.platformFile());
    }

    private List<String> ofBreakwater() {
        return Stream.concat(
                        controllerPorts.keySet().stream().map(LocalPlatform::controllerName),
                        regions.keySet().stream().map(LocalPlatform::replicatorName))
                .toList();
    }

    /** Other nodes' Raft, Kafka and the object stores, at the addresses at which this server reaches them. */
    private Map<String, String> seenBy(String server, Map<String, String> gaps) {
        Map<String, String> seen = new TreeMap<>(gaps);
        raftPorts.forEach((node, port) -> {
            String other = controllerName(node);
            if (!other.equals(server)) {
                seen.put(node + ".raft", "127.0.0.1:" + links.port(server, other, port));
            }
        });
        regions.forEach((name, region) -> {
            seen.put(
                    name + ".kafka",
                    region.kafka()
                            .alsoReached(
                                    port -> links.port(server, region.kafka().name(), port)));
            int port = links.port(server, region.s3().name(), region.s3().port());
            seen.put(name + ".s3", "http://127.0.0.1:" + port);
        });
        return seen;
    }

    private Path platformFileOf(String server) {
        return links.direct() ? files.platformFile() : files.platformFileOf(server);
    }

    private static String controllerName(String node) {
        return "controller-" + node;
    }

    private static String replicatorName(String region) {
        return "replicator-" + region;
    }

    private LocalRegion region(String name, Path directory, int connectPort, Map<String, String> gaps) {
        KafkaServer kafka = KafkaServer.withLease(
                layout,
                "kafka-" + name,
                directory.resolve("kafka"),
                new KafkaServer.Lease(name, controllers("kafka-" + name), files.tokenFile()));
        Map<String, String> buckets =
                Map.of("lake", "lake-" + name, "flink", "flink-" + name, "breakwater", "breakwater-" + name);
        S3Server s3 = S3Server.in(layout, "s3-" + name, directory.resolve("s3"), buckets);
        FlinkServers flink = FlinkServers.in(layout, "flink-" + name, directory.resolve("flink"), s3, "flink-" + name);
        URI connect = URI.create("http://127.0.0.1:" + connectPort);
        Path replicatorDirectory = directory.resolve("replicator");
        BreakwaterServer replicator = BreakwaterServer.in(
                layout,
                replicatorName(name),
                replicatorDirectory,
                new BreakwaterServer.Command(
                        List.of(
                                "replicator",
                                "--platform",
                                platformFileOf(replicatorName(name)).toString(),
                                "--region",
                                name,
                                "--data",
                                replicatorDirectory.resolve("data").toString()),
                        REPLICATOR_HEAP,
                        connect.resolve("/connectors")));
        gaps.put(name + ".kafka", kafka.bootstrap());
        gaps.put(name + ".s3", s3.endpoint().toString());
        gaps.put(name + ".flink", flink.url().toString());
        gaps.put(name + ".connect", connect.toString());
        return new LocalRegion(name, kafka, s3, flink, replicator, controllerNode(name));
    }

    private BreakwaterServer controllerNode(String node) {
        return BreakwaterServer.in(
                layout,
                controllerName(node),
                controllerDirectory(node),
                new BreakwaterServer.Command(
                        List.of(
                                "controller",
                                "--platform",
                                platformFileOf(controllerName(node)).toString(),
                                "--node",
                                node,
                                "--data",
                                controllerData(node).toString(),
                                "--token-file",
                                files.tokenFile().toString(),
                                "--evidence-key",
                                files.evidenceKey().toString(),
                                "--runbooks",
                                layout.runbooks().toString()),
                        CONTROLLER_HEAP,
                        controller(node).resolve("/v1/status")));
    }

    /** Starts everything, Flink only if a group has jobs, and returns when all of it serves; each process has a line of progress. */
    public void start(Progress progress) throws InterruptedException {
        progress.line("evidence key: made with 'breakwater audit keygen'");
        ServerProcess.run(keygen(), KEYGEN_LIMIT);
        List<Server> stores = regions.values().stream()
                .flatMap(region -> Stream.<Server>of(region.s3(), region.kafka()))
                .toList();
        startTogether(stores, progress);
        new PlatformSetUp(layout, platform, regions).run(progress);
        List<Server> rest = new ArrayList<>();
        boolean runsJobs = platform.groups().values().stream()
                .anyMatch(group -> !group.assets(AssetSpec.FLINK_JOB).isEmpty());
        regions.values().forEach(region -> {
            rest.add(region.controller());
            if (runsJobs) {
                rest.add(region.flink());
            }
        });
        rest.add(witness);
        startTogether(rest, progress);
        startTogether(
                regions.values().stream()
                        .map(region -> (Server) region.replicator())
                        .toList(),
                progress);
    }

    /** A controller node, also that of a region. */
    public Server node(String name) {
        return name.equals(WITNESS) ? witness : region(name).controller();
    }

    private static void startTogether(List<Server> servers, Progress progress) throws InterruptedException {
        for (Server server : servers) {
            server.launch();
        }
        for (Server server : servers) {
            server.awaitReady(progress);
        }
    }

    private Launch keygen() {
        String origin = "breakwater/" + platform.platform();
        return BreakwaterServer.launch(
                layout,
                "audit-keygen",
                files.directory(),
                "64m",
                List.of(
                        "audit",
                        "keygen",
                        "--name",
                        origin,
                        "--key-file",
                        files.evidenceKey().toString(),
                        "--vkey-file",
                        files.verifierKey().toString()));
    }

    /**
     * SIGKILL to all processes of a region, at once; returns when they are gone.
     *
     * @return when the last signal had been sent
     */
    public Instant killRegion(String name) {
        List<Server> servers = region(name).servers();
        servers.forEach(server -> server.processes().forEach(ServerProcess::signalKill));
        Instant killed = Instant.now();
        servers.forEach(Server::kill);
        return killed;
    }

    public LocalRegion region(String name) {
        LocalRegion region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("no region " + name + "; there are " + regions.keySet());
        }
        return region;
    }

    public Platform platform() {
        return platform;
    }

    public PlatformFiles files() {
        return files;
    }

    /** Base address of the API of a controller node. */
    public URI controller(String node) {
        return URI.create("http://127.0.0.1:" + controllerPorts.get(node));
    }

    /** The data of a controller node, in which {@code evidence} is its copy of the evidence log. */
    public Path controllerData(String node) {
        return controllerDirectory(node).resolve("data");
    }

    private Path controllerDirectory(String node) {
        return files.directory().resolve(node).resolve("controller");
    }

    private List<URI> controllers(String broker) {
        return controllerPorts.entrySet().stream()
                .map(node -> links.port(broker, controllerName(node.getKey()), node.getValue()))
                .map(port -> URI.create("http://127.0.0.1:" + port))
                .toList();
    }

    /** Of all processes that run now. */
    public List<Long> pids() {
        return servers()
                .flatMap(server -> server.processes().stream())
                .flatMap(ServerProcess::pids)
                .toList();
    }

    private Stream<Server> servers() {
        return Stream.concat(
                Stream.of(witness), regions.values().stream().flatMap(region -> region.servers().stream()));
    }

    @Override
    public void close() {
        servers().forEach(server -> server.processes().forEach(ServerProcess::signalKill));
        servers().forEach(Server::close);
    }
}
