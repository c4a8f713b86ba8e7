package io.breakwater.replicator.flink;

import io.breakwater.platform.OffsetVector;
import io.breakwater.region.FlinkRest.SavepointFormat;
import io.breakwater.region.FlinkRest.SavepointState;
import io.breakwater.region.ObjectUri;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Takes savepoints of one job through the REST API of its cluster. For one thread. */
final class SavepointTaker implements SnapshotOrigin {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration POLL = Duration.ofMillis(200);

    private final RunningJob job;
    private final String name;
    private final SavepointFormat format;
    private final ObjectUri directory;

    /** @param directory below which Flink makes a directory for each savepoint */
    SavepointTaker(RunningJob job, String name, SavepointFormat format, ObjectUri directory) {
        this.job = job;
        this.name = name;
        this.format = format;
        this.directory = directory;
    }

    @Override
    public TakenSnapshot take(Optional<Ends> ends) throws SnapshotAbandonedException, InterruptedException {
        RunningJob.Seen running = job.require();
        Optional<OffsetVector> before =
                ends.isPresent() ? Optional.of(ends.get().read()) : Optional.empty();
        Instant triggered = Instant.now();
        String trigger = job.orAbandon(
                "trigger a savepoint of " + name,
                job.flink().triggerSavepoint(running.jobId(), directory.toString(), format));
        String location = await(running.jobId(), trigger, triggered.plus(LIMIT));
        return new TakenSnapshot(
                running.jobId(), running.checkpoints().restoredCount(), triggered, job.located(location), before);
    }

    private String await(String jobId, String trigger, Instant deadline)
            throws SnapshotAbandonedException, InterruptedException {
        while (Instant.now().isBefore(deadline)) {
            SavepointState state =
                    job.orAbandon("await the savepoint of " + name, job.flink().savepoint(jobId, trigger));
            if (state instanceof SavepointState.Completed completed) {
                return completed.location();
            }
            if (state instanceof SavepointState.Failed failed) {
                throw new SnapshotAbandonedException("savepoint of job " + name + " failed: " + failed.reason());
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        throw new SnapshotAbandonedException("savepoint of job " + name + " was not complete within " + LIMIT);
    }
}
