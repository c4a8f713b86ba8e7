package io.breakwater.replicator.delta;

import java.time.Instant;

/** How a table's mirror stands after a step. */
sealed interface Progress {

    /** There may be more to carry at once. */
    record Moving() implements Progress {}

    /** Nothing newer was on the source at that time. */
    record UpToDate(Instant asOf) implements Progress {}

    /** It can't go on now; the next step tries again. */
    record Waiting(String reason) implements Progress {}

    /** It won't go on until a person has looked: it would do harm. The replica stays as it is. */
    record Stopped(String reason) implements Progress {}
}
