package io.breakwater.local.quickstart;

import java.time.Instant;

/** A failover that has been followed to its end. */
public final class Failover {

    private final Instant killed;
    private final Timeline timeline;

    /** @param serving when all of the workload worked in the other region */
    Failover(Instant killed, OperationView operation, Instant serving) {
        this.killed = killed;
        this.timeline = Timeline.of(killed, operation, serving);
    }

    Instant killed() {
        return killed;
    }

    Timeline timeline() {
        return timeline;
    }

    /**
     * Seconds since the kill.
     *
     * @param serving when all of the workload worked in the other region
     */
    public record Times(
            double firstVote, double decided, double lapsed, double positions, double restored, double serving) {}

    /** @throws StoryFailedException if the controller does not tell one of them */
    public Times times() {
        return new Times(
                timeline.required("first_down_vote"),
                timeline.required("decided"),
                timeline.required("lease_lapsed"),
                timeline.required("positions"),
                timeline.required("jobs"),
                timeline.required(Timeline.SERVING));
    }
}
