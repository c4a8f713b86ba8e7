package io.breakwater.platform;

/** Where a flow puts the snapshots of jobs that it brings. */
public final class ReceivedSnapshots {

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
