package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.runbook.StepContext;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** Waits for the control state of this node to become what a step needs. */
final class Waiting {

    private static final long LOOK_MILLIS = 50;

    private Waiting() {}

    /** Whether it became so before the step's deadline. */
    static boolean until(StepContext context, Predicate<ControlState> condition) throws InterruptedException {
        while (!condition.test(context.state())) {
            if (!Instant.now().plusMillis(LOOK_MILLIS).isBefore(context.deadline())) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        return true;
    }
}
