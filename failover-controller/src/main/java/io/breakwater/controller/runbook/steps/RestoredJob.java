package io.breakwater.controller.runbook.steps;

import java.time.Instant;
import java.util.List;

/**
 * A job that goes on in the promoted region.
 *
 * @param restoredFrom the savepoint's location
 * @param snapshot its id, the version of the replica position
 * @param sourceTime when it was taken in the region that was left
 * @param checkpointId of the first completed checkpoint that was seen after the restore
 * @param checkpointedAt when that one was triggered
 * @param passedOver newer snapshots that could not be restored, and why
 */
public record RestoredJob(
        String job,
        String jobId,
        String restoredFrom,
        String snapshot,
        Instant sourceTime,
        Instant submittedAt,
        Instant restoredAt,
        long checkpointId,
        Instant checkpointedAt,
        List<String> passedOver) {

    public RestoredJob {
        passedOver = List.copyOf(passedOver);
    }

    /** The detail of step {@code restore-jobs}. */
    public record All(List<RestoredJob> jobs) {
        public All {
            jobs = List.copyOf(jobs);
        }
    }
}
