package io.breakwater.local.quickstart;

/** What a run measured. */
record Figures(double rtoSeconds, long memoryMegabytes) {

    static Figures of(FailoverRun run, Failover failover) {
        return new Figures(
                failover.timeline().required(Timeline.SERVING), run.memory().peakMegabytes());
    }
}
