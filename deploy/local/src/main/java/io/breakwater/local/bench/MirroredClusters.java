package io.breakwater.local.bench;

import io.breakwater.local.PlatformFiles;
import io.breakwater.local.PlatformTemplate;
import io.breakwater.local.process.FreePorts;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.server.BreakwaterServer;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.RestAnswer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * Two clusters and the replicator of the second, as the archive runs it; its flow stays stopped. Connectors that are
 * measured are added to its worker, one running at a time. Not for concurrent use.
 */
final class MirroredClusters implements AutoCloseable {

    /** Between a resume or stop and what it is about. */
    static final Duration LIMIT = Duration.ofMinutes(2);

    private static final String HEAP = "1g";
    private static final Duration POLL = Duration.ofMillis(200);
    private static final String FLOW =
            new ConnectorName("bench", AssetSpec.KAFKA_TOPIC, new Flow("east", "west")).toString();

    private final KafkaServer east;
    private final KafkaServer west;
    private final BreakwaterServer replicator;
    private final ConnectRest connect;

    /** @param directory empty or absent */
    MirroredClusters(ProjectLayout layout, Path directory) {
        east = KafkaServer.in(layout, "kafka-east", directory.resolve("east"));
        west = KafkaServer.in(layout, "kafka-west", directory.resolve("west"));
        URI url = URI.create("http://127.0.0.1:" + FreePorts.next());
        connect = new ConnectRest(url);
        PlatformFiles files = new PlatformFiles(directory);
        files.writeSecrets();
        files.writePlatformFile(PlatformTemplate.read(layout.root().resolve("deploy/local/mirror.yaml"))
                .filled(Map.of(
                        "secrets", files.secrets().toString(),
                        "east.kafka", east.bootstrap(),
                        "west.kafka", west.bootstrap(),
                        "west.connect", url.toString())));
        Path data = directory.resolve("replicator");
        List<String> words = List.of(
                "replicator",
                "--platform",
                files.platformFile().toString(),
                "--region",
                "west",
                "--data",
                data.resolve("data").toString());
        replicator = BreakwaterServer.atFullSpeed(
                layout, "replicator-west", data, new BreakwaterServer.Command(words, HEAP, url.resolve("/connectors")));
    }

    void start(Progress progress) throws InterruptedException {
        east.launch();
        west.launch();
        east.awaitReady(progress);
        west.awaitReady(progress);
        replicator.start(progress);
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
        Map<String, String> settings = new TreeMap<>(await(
                "the replicator to create " + FLOW, () -> connect.config(FLOW).ifOk()));
        settings.remove("name");
        return settings;
    }

    /** Starts a connector with these settings and returns when its tasks run. */
    void run(String connector, Map<String, String> settings) throws InterruptedException {
        boolean there = connect.connectors().ifOk().orElseThrow().contains(connector);
        require(there ? connect.configure(connector, settings) : connect.createStopped(connector, settings));
        require(connect.resume(connector));
        await(
                "the tasks of " + connector + " to run",
                () -> status(connector)
                        .filter(status -> !status.tasks().isEmpty()
                                && status.tasks().stream()
                                        .allMatch(task -> task.state().equals("RUNNING"))));
    }

    /** Returns when its tasks have ended. */
    void stop(String connector) throws InterruptedException {
        require(connect.stop(connector));
        await(
                "the tasks of " + connector + " to end",
                () -> status(connector)
                        .filter(status -> status.state().equals("STOPPED")
                                && status.tasks().isEmpty()));
    }

    private Optional<ConnectRest.Status> status(String connector) throws InterruptedException {
        Optional<ConnectRest.Status> status = connect.status(connector).ifOk();
        status.stream()
                .flatMap(s -> s.tasks().stream())
                .filter(task -> task.state().equals("FAILED"))
                .findAny()
                .ifPresent(task -> {
                    throw new ServerFailedException(connector + " failed: "
                            + task.trace().orElse("").lines().findFirst().orElse("no trace"));
                });
        return status;
    }

    private static void require(RestAnswer<?> answer) {
        if (answer.ifOk().isEmpty()) {
            throw new ServerFailedException("Connect: " + answer);
        }
    }

    private interface Question<T> {
        Optional<T> ask() throws InterruptedException;
    }

    private static <T> T await(String what, Question<T> question) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            Optional<T> answer = question.ask();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() - began > LIMIT.toNanos()) {
                throw new ServerFailedException("waited " + LIMIT.toSeconds() + " s in vain for " + what);
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }

    @Override
    public void close() {
        replicator.close();
        east.close();
        west.close();
    }
}
