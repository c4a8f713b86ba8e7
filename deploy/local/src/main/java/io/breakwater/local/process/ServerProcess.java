package io.breakwater.local.process;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One process of the local platform; after its end it can be started again. It never outlives this JVM: a shutdown
 * hook kills it, and should this JVM be killed itself, a guard does. The guard is a shell that waits beside the
 * process for the end of a pipe whose other end only this JVM holds.
 *
 * <p>Not for concurrent use, except {@link #kill()} and the queries.
 */
public final class ServerProcess implements AutoCloseable {

    private static final String GUARD = "exec 3<&0; (trap '' INT TERM HUP; read -r _ <&3; kill -9 $$ 2>/dev/null) & "
            + "exec 3<&-; exec \"$@\" </dev/null";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration REPORT_EVERY = Duration.ofSeconds(5);

    private static final Set<ServerProcess> LIVE = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(ServerProcess::killAll, "end-servers"));
    }

    private final Launch launch;
    private final boolean supervised;
    private volatile @Nullable Process process;
    private volatile long launchedNanos;
    /** Whether it has served since it was launched, and nobody has killed it. */
    private volatile boolean serving;

    public ServerProcess(Launch launch) {
        this(launch, false);
    }

    private ServerProcess(Launch launch, boolean supervised) {
        this.launch = launch;
        this.supervised = supervised;
    }

    /**
     * A process of the kind that is run under a supervisor, because it ends itself when in trouble: once it has
     * served, it is started again whenever it ends by itself.
     */
    public static ServerProcess supervised(Launch launch) {
        return new ServerProcess(launch, true);
    }

    public String name() {
        return launch.name();
    }

    /** Starts the process and returns at once. */
    public synchronized void launch() {
        if (alive()) {
            throw new IllegalStateException(name() + " runs already");
        }
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, "guard"));
        command.addAll(launch.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(launch.directory().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(launch.log().toFile()));
        builder.environment().putAll(launch.environment());
        try {
            Files.createDirectories(launch.log().toAbsolutePath().getParent());
            LIVE.add(this);
            launchedNanos = System.nanoTime();
            Process started = builder.start();
            process = started;
            if (supervised) {
                Thread supervisor = new Thread(() -> startAgainAfter(started), name() + "-supervisor");
                supervisor.setDaemon(true);
                supervisor.start();
            }
        } catch (IOException e) {
            LIVE.remove(this);
            throw new ServerFailedException(name() + " did not start: " + e.getMessage(), e);
        }
    }

    private void startAgainAfter(Process started) {
        started.onExit().join();
        synchronized (this) {
            if (serving && started.equals(process)) {
                launch();
            }
        }
    }

    /**
     * Waits until the launched process serves.
     *
     * @throws ServerFailedException if it ends before, or the limit passes; the process is dead then
     */
    public void awaitReady(Readiness readiness, Duration limit, Progress progress) throws InterruptedException {
        long nextReport = REPORT_EVERY.toNanos();
        while (true) {
            if (!alive()) {
                throw new ServerFailedException(name() + " died at start" + exit() + "; " + lastError());
            }
            boolean ready = readiness.ready();
            long waited = System.nanoTime() - launchedNanos;
            if (ready) {
                serving = true;
                progress.line(String.format(
                        Locale.ROOT, "%s: ready after %.1f s (pid %d)", name(), waited / 1e9, pid().orElse(-1L)));
                return;
            }
            if (waited > limit.toNanos()) {
                kill();
                throw new ServerFailedException(
                        name() + " was not ready within " + limit.toSeconds() + " s and was ended; " + lastError());
            }
            if (waited > nextReport) {
                progress.line(name() + ": starting, " + waited / 1_000_000_000 + " s");
                nextReport = waited + REPORT_EVERY.toNanos();
            }
            TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
        }
    }

    /**
     * Runs a command that ends by itself, under the same guard.
     *
     * @throws ServerFailedException if it fails or the limit passes
     */
    public static void run(Launch launch, Duration limit) throws InterruptedException {
        try (ServerProcess run = new ServerProcess(launch)) {
            run.launch();
            Process started = run.process;
            if (started == null || !started.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ServerFailedException(
                        run.name() + " did not end within " + limit.toSeconds() + " s; " + run.lastError());
            }
            if (started.exitValue() != 0) {
                throw new ServerFailedException(run.name() + " failed" + run.exit() + "; " + run.lastError());
            }
        }
    }

    public boolean alive() {
        Process current = process;
        return current != null && current.isAlive();
    }

    /** Of the running process, empty if none runs. */
    public Optional<Long> pid() {
        Process current = process;
        return current != null && current.isAlive() ? Optional.of(current.pid()) : Optional.empty();
    }

    /** Of the running process and of all that it started. */
    public Stream<Long> pids() {
        Process current = process;
        return current == null || !current.isAlive()
                ? Stream.empty()
                : Stream.concat(Stream.of(current.toHandle()), current.descendants())
                        .map(ProcessHandle::pid);
    }

    /** Sends SIGKILL to the process and what it started, and returns at once. */
    public synchronized void signalKill() {
        serving = false;
        Process current = process;
        if (current != null) {
            List<ProcessHandle> started = current.descendants().toList();
            current.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Ends the process by SIGKILL and waits until it is gone. Without effect if none runs. */
    public void kill() {
        signalKill();
        Process current = process;
        if (current != null) {
            current.onExit().join();
        }
        LIVE.remove(this);
    }

    @Override
    public void close() {
        kill();
    }

    private static void killAll() {
        LIVE.forEach(ServerProcess::signalKill);
        LIVE.forEach(ServerProcess::kill);
    }

    private String exit() {
        Process current = process;
        return current == null || current.isAlive() ? "" : " (exit code " + current.exitValue() + ")";
    }

    private String lastError() {
        return "see " + launch.log() + "; last error: " + LastError.of(launch.log());
    }
}
