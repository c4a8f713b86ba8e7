package io.breakwater.replicator.flink;

import io.breakwater.region.FlinkRest.Checkpoint;

/**
 * Finds the newest completed checkpoint of one job through the REST API of its cluster. Flink may delete it at any time,
 * when as many newer ones are complete as the job retains. For one thread.
 */
final class RetainedCheckpoint implements SnapshotOrigin {

    private final RunningJob job;
    private final String name;

    RetainedCheckpoint(RunningJob job, String name) {
        this.job = job;
        this.name = name;
    }

    @Override
    public TakenSnapshot take() throws SnapshotAbandonedException, InterruptedException {
        RunningJob.Seen running = job.require();
        Checkpoint newest = running.checkpoints()
                .latest()
                .orElseThrow(() -> new SnapshotAbandonedException(
                        "job " + name + " has completed no checkpoint since it was restored"));
        return new TakenSnapshot(
                running.jobId(),
                running.checkpoints().restoredCount(),
                newest.triggered(),
                job.located(newest.location()));
    }
}
