package io.breakwater.controller.runbook;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** How a run lets time pass: as it is, or as a simulation has it. Used by the run's thread. */
interface Pace {

    Instant now();

    /** @throws InterruptedException if the thread was told to stop: the node has lost the lead */
    void pause(Duration time) throws InterruptedException;

    /** Waits for an answer. */
    <T> T answer(CompletionStage<T> answer, Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException;

    /** Runs a step once. Returns only when it has ended; it has failed if it takes longer than the limit. */
    StepOutcome run(RunbookStep step, StepContext context, Duration limit) throws InterruptedException;
}
