package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A job that goes on in the promoted region.
 *
 * @param restoredFrom the savepoint's location
 * @param snapshot its id, the version of the replica position
 * @param sourceTime when it was taken in the region that was left
 * @param checkpointId of the first completed checkpoint that was seen after the restore
 * @param checkpointedAt when that one was triggered
 * @param passedOver newer snapshots that could not be restored, and why
 * @param writtenAgain by partition, which output that the region has already the job writes a second time
 * @param notice the same for people, if there is something to tell
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
        List<String> passedOver,
        List<RewrittenRange> writtenAgain,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Optional<String> notice) {

    public RestoredJob {
        writtenAgain = List.copyOf(writtenAgain);
        passedOver = List.copyOf(passedOver);
    }

    /** The detail of step {@code restore-jobs}. */
    public record All(List<RestoredJob> jobs) {
        public All {
            jobs = List.copyOf(jobs);
        }
    }
}
