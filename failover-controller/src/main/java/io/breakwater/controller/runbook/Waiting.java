package io.breakwater.controller.runbook;

import io.breakwater.controller.core.ControlState;
import java.time.Duration;
import java.util.function.Predicate;

/** Waits for the control state of this node to become what a step needs. */
public final class Waiting {

    private static final Duration LOOK = Duration.ofMillis(50);

    private Waiting() {}

    /** Whether it became so before the step's deadline. */
    public static boolean until(StepContext context, Predicate<ControlState> condition) throws InterruptedException {
        while (!condition.test(context.state())) {
            if (!context.now().plus(LOOK).isBefore(context.deadline())) {
                return false;
            }
            context.pause(LOOK);
        }
        return true;
    }
}
