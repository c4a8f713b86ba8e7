package io.breakwater.local.bench;

import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.local.server.BreakwaterServer;
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

/** The replicator of the western region, as the archive runs it, and the connectors of its worker. Not for concurrent use. */
final class BenchWorker implements AutoCloseable {

    static final String NAME = "replicator-west";

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Duration POLL = Duration.ofMillis(200);

    private final BreakwaterServer replicator;
    private final ConnectRest connect;

    /** Makes the server, which is not started yet. */
    interface Maker {
        BreakwaterServer make(String name, List<String> words);
    }

    /**
     * @param url where the platform file says that it listens
     * @param data for what it keeps
     */
    BenchWorker(URI url, Path platformFile, Path data, Maker maker) {
        this.connect = new ConnectRest(url);
        this.replicator = maker.make(
                NAME,
                List.of(
                        "replicator",
                        "--platform",
                        platformFile.toString(),
                        "--region",
                        "west",
                        "--data",
                        data.toString()));
    }

    void start(Progress progress) throws InterruptedException {
        replicator.start(progress);
    }

    /** Of its process. */
    long pid() {
        return replicator.processes().get(0).pid().orElseThrow();
    }

    /** A connector's configuration, as the replicator itself has made it from the platform file. */
    Map<String, String> settingsOf(String connector) throws InterruptedException {
        Map<String, String> settings = new TreeMap<>(await(
                "the replicator to create " + connector,
                () -> connect.config(connector).ifOk()));
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
    }
}
