package io.breakwater.replicator.delta;

import java.time.Instant;

/** How a table's mirror stands after a step. */
public sealed interface Progress {

    /** There may be more to carry at once. */
    record Moving() implements Progress {}

    /** Nothing newer was on the source at that time. */
    record UpToDate(Instant asOf) implements Progress {}

    /** It can't go on now; the next step tries again. */
    record Waiting(String reason) implements Progress {}

    /**
     * Going on would do harm; the replica stays as it is. A later step looks again whether the cause is gone.
     *
     * @param sourceGone nothing is left of the source; what the replica is was right, and it may be gone on with
     */
    record Stopped(String reason, boolean sourceGone) implements Progress {

        Stopped(String reason) {
            this(reason, false);
        }
    }
}
