package io.breakwater.local.quickstart;

import java.time.Instant;

/** A failover that has been followed to its end. */
public final class Failover {

    private final Instant killed;
    private final OperationView operation;
    private final Serving serving;

    Failover(Instant killed, OperationView operation, Serving serving) {
        this.killed = killed;
        this.operation = operation;
        this.serving = serving;
    }

    Instant killed() {
        return killed;
    }

    OperationView operation() {
        return operation;
    }

    Timeline timeline() {
        return Timeline.of(killed, operation, serving.all());
    }

    /** @throws StoryFailedException if the controller does not tell one of them */
    public FailoverRun.Times times() {
        Timeline timeline = timeline();
        return new FailoverRun.Times(
                timeline.required("first_down_vote"),
                timeline.required("decided"),
                timeline.required("lease_lapsed"),
                timeline.required("jobs"),
                timeline.required(Timeline.SERVING));
    }
}
