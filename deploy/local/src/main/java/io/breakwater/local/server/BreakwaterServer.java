package io.breakwater.local.server;

import io.breakwater.local.process.Launch;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A part of Breakwater itself, run from the archive by its launcher. */
public final class BreakwaterServer implements Server {

    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final int OK = 200;

    private final Path directory;
    private final URI readyAt;
    private final ServerProcess process;

    private BreakwaterServer(ProjectLayout layout, String name, Path directory, Command command, String options) {
        this.directory = directory;
        this.readyAt = command.readyAt();
        this.process = new ServerProcess(launchWith(layout, name, directory, options, command.words()));
    }

    /**
     * @param words subcommand and options of the launcher
     * @param heap as {@code -Xmx} takes it
     * @param readyAt answers 200 to a GET once it serves
     */
    public record Command(List<String> words, String heap, URI readyAt) {
        public Command {
            words = List.copyOf(words);
        }
    }

    /** @param directory for its data and log */
    public static BreakwaterServer in(ProjectLayout layout, String name, Path directory, Command command) {
        return new BreakwaterServer(layout, name, directory, command, Launch.smallJvm(command.heap()));
    }

    /** As {@link #in}, on a JVM as it comes: slower to start, and with all the speed of its compiler, to be measured. */
    public static BreakwaterServer atFullSpeed(ProjectLayout layout, String name, Path directory, Command command) {
        return new BreakwaterServer(layout, name, directory, command, "-Xmx" + command.heap());
    }

    /** A command of the launcher that ends by itself. */
    public static Launch launch(ProjectLayout layout, String name, Path directory, String heap, List<String> words) {
        return launchWith(layout, name, directory, Launch.smallJvm(heap), words);
    }

    private static Launch launchWith(
            ProjectLayout layout, String name, Path directory, String options, List<String> words) {
        List<String> command = new ArrayList<>();
        command.add(layout.launcher().toString());
        command.addAll(words);
        Map<String, String> environment =
                Map.of("JAVA_HOME", System.getProperty("java.home"), "BREAKWATER_OPTS", options);
        return new Launch(name, command, environment, directory, directory.resolve(name + ".log"));
    }

    @Override
    public String name() {
        return process.name();
    }

    @Override
    public List<ServerProcess> processes() {
        return List.of(process);
    }

    @Override
    public void launch() {
        ServerFiles.createDirectory(directory);
        process.launch();
    }

    @Override
    public void awaitReady(Progress progress) throws InterruptedException {
        process.awaitReady(new HttpProbe(readyAt, response -> response.statusCode() == OK), START_LIMIT, progress);
    }
}
