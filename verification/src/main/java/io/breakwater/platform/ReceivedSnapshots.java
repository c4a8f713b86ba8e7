package io.breakwater.platform;

import java.time.Duration;

/** Where a flow puts the snapshots of jobs that it brings, and how one of them is kept from being deleted. */
public final class ReceivedSnapshots {

    /**
     * How the name of an object in a snapshot's directory begins, by which somebody says that he restores it just now. The
     * snapshot stays, though newer ones have come, until that object is deleted, or as old as {@link #HOLD}.
     */
    public static final String HELD = "breakwater-held-by-";

    /** Whoever has died without letting go holds nothing any longer. */
    public static final Duration HOLD = Duration.ofHours(1);

    private static final String PLACE = "s3://{flink}/breakwater";

    private ReceivedSnapshots() {}

    /**
     * With the bucket's role; below it are folders of groups, and in these of jobs. Each run of a flow has a place of its
     * own: what an earlier one brought is older than the time that the group has spent in the other region since.
     *
     * @param began the epoch in which the flow began
     */
    public static String under(Epoch began) {
        return began.equals(Epoch.FIRST) ? PLACE : PLACE + "-epoch-" + began;
    }
}
