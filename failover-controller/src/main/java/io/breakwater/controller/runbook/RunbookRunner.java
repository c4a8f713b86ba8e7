package io.breakwater.controller.runbook;

import io.breakwater.controller.core.Effect.RunOperation;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs operations while this node leads, each on a thread of its own. What it did is in the Raft log, so that the next
 * leader goes on with the first step that is not done. Thread-safe.
 */
public final class RunbookRunner implements AutoCloseable {

    /** What runs need besides the operation. */
    record Means(
            Platform platform,
            Map<String, Runbook> runbooks,
            Map<String, RunbookStep> steps,
            Consensus consensus,
            Function<String, List<Receipt>> receipts,
            Pace pace) {}

    private final Means means;
    private final Map<String, Thread> running = new HashMap<>();

    /**
     * @param runbooks by name
     * @param steps by id; all that the runbooks name
     * @param receipts the newest receipts of a region
     */
    public RunbookRunner(
            Platform platform,
            Map<String, Runbook> runbooks,
            Map<String, RunbookStep> steps,
            Consensus consensus,
            Function<String, List<Receipt>> receipts,
            Clock clock) {
        this.means =
                new Means(platform, Map.copyOf(runbooks), Map.copyOf(steps), consensus, receipts, new RealPace(clock));
    }

    /** Begins or goes on with an operation; nothing happens if it runs here already. */
    public synchronized void run(RunOperation effect) {
        forgetEnded();
        running.computeIfAbsent(effect.operation(), id -> start(new OperationRun(means, id)));
    }

    private static Thread start(OperationRun run) {
        Thread thread = new Thread(run, "operation-" + run.operation());
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void forgetEnded() {
        running.values().removeIf(thread -> !thread.isAlive());
    }

    /** This node no longer leads: all runs are interrupted where they are. */
    public synchronized void stop() {
        running.values().forEach(Thread::interrupt);
        running.clear();
    }

    @Override
    public void close() {
        stop();
    }
}
