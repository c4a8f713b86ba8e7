package io.breakwater.controller.runbook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Time as it is. */
record RealPace(Clock clock) implements Pace {

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public void pause(Duration time) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(time.toMillis());
    }

    @Override
    public <T> T answer(CompletionStage<T> answer, Duration limit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return answer.toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public StepOutcome run(RunbookStep step, StepContext context, Duration limit) throws InterruptedException {
        return StepThread.run(step, context, limit);
    }
}
