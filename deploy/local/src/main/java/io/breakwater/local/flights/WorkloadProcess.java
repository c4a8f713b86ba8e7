package io.breakwater.local.flights;

import io.breakwater.local.process.Launch;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.local.server.Principal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** {@link FlightsWorkload} as a process of its own, on this JVM's class path. */
public final class WorkloadProcess implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration END_WITHIN = Duration.ofSeconds(30);

    private final Path directory;
    private final ServerProcess process;

    /**
     * @param directory for its journals, client settings and log
     * @param rate events a second
     * @param region where it stays; empty to follow the controllers' route
     */
    public WorkloadProcess(Path directory, Path platformFile, int rate, Optional<String> region) {
        this.directory = directory;
        List<String> program = new ArrayList<>(List.of(
                FlightsWorkload.class.getName(),
                "--platform",
                platformFile.toString(),
                "--journal",
                journals().toString(),
                "--app-config",
                clientConfig(Principal.APP).toString(),
                "--pipeline-config",
                clientConfig(Principal.PIPELINE).toString(),
                "--rate",
                Integer.toString(rate)));
        region.ifPresent(name -> program.addAll(List.of("--region", name)));
        process = new ServerProcess(Launch.java(
                "workload",
                System.getProperty("java.class.path"),
                List.of("-Xmx384m"),
                program,
                directory,
                directory.resolve("workload.log")));
    }

    /** The folder that {@code Journals.read} reads. */
    public Path journals() {
        return directory.resolve("journals");
    }

    /** The process, for its memory and whether it lives. */
    public ServerProcess process() {
        return process;
    }

    public void start() {
        try {
            Files.createDirectories(directory);
            for (Principal principal : List.of(Principal.APP, Principal.PIPELINE)) {
                writeClientConfig(clientConfig(principal), principal.clientSettings());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process.launch();
    }

    /**
     * Ends it orderly by SIGTERM: what was sent is awaited, what was read is committed, the journals are complete.
     *
     * @return whether it ended in time; else it was killed
     */
    public boolean stop() throws InterruptedException {
        process.pid().flatMap(ProcessHandle::of).ifPresent(ProcessHandle::destroy);
        long began = System.nanoTime();
        while (process.alive() && System.nanoTime() - began < END_WITHIN.toNanos()) {
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
        boolean ended = !process.alive();
        process.kill();
        return ended;
    }

    @Override
    public void close() {
        process.kill();
    }

    /** Writes Kafka client settings as a properties file. */
    public static void writeClientConfig(Path file, Map<String, String> settings) throws IOException {
        Files.writeString(
                file,
                settings.entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue() + "\n")
                        .sorted()
                        .collect(Collectors.joining()),
                StandardCharsets.UTF_8);
    }

    private Path clientConfig(Principal principal) {
        return directory.resolve(principal.user() + ".properties");
    }
}
