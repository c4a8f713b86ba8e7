package io.breakwater.controller.runbook;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a step on a thread of its own, so that its time can end before it does. */
final class StepThread {

    private static final Logger LOG = LoggerFactory.getLogger(StepThread.class);
    private static final long STUBBORN_MILLIS = 10_000;

    private StepThread() {}

    /**
     * Returns only when the step's thread has ended: no step ever runs twice at a time on one node.
     *
     * @throws InterruptedException if the calling thread was told to stop
     */
    static StepOutcome run(RunbookStep step, StepContext context, Duration limit) throws InterruptedException {
        CompletableFuture<StepOutcome> outcome = new CompletableFuture<>();
        Thread thread = new Thread(() -> run(step, context, outcome), "step-" + step.id());
        thread.setDaemon(true);
        thread.start();
        try {
            return outcome.get(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            end(thread, step);
            // It may have come to an end in the meantime.
            return outcome.getNow(new StepOutcome.Failed("not done within " + limit.toMillis() + " ms"));
        } catch (ExecutionException e) {
            return new StepOutcome.Failed(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            thread.interrupt();
            throw e;
        }
    }

    private static void run(RunbookStep step, StepContext context, CompletableFuture<StepOutcome> outcome) {
        LogKeys.put(context.operation(), step);
        try {
            outcome.complete(step.run(context));
        } catch (InterruptedException e) {
            outcome.complete(new StepOutcome.Failed("interrupted"));
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            LOG.warn("the step threw", e);
            outcome.complete(new StepOutcome.Failed(e.toString()));
        }
    }

    private static void end(Thread thread, RunbookStep step) throws InterruptedException {
        thread.interrupt();
        thread.join(STUBBORN_MILLIS);
        while (thread.isAlive()) {
            LOG.warn("step {} does not end although its time is over", step.id());
            thread.interrupt();
            thread.join(STUBBORN_MILLIS);
        }
    }
}
