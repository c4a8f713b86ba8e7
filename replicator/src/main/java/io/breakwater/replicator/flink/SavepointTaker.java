package io.breakwater.replicator.flink;

import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Checkpoints;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.FlinkRest.SavepointFormat;
import io.breakwater.region.FlinkRest.SavepointState;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Takes native savepoints of one job through the REST API of its cluster. For one thread. */
final class SavepointTaker {

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration POLL = Duration.ofMillis(200);

    private final FlinkRest flink;
    private final String job;
    private final ObjectUri directory;

    /** @param directory below which Flink makes a directory for each savepoint */
    SavepointTaker(FlinkRest flink, String job, ObjectUri directory) {
        this.flink = flink;
        this.job = job;
        this.directory = directory;
    }

    /**
     * @param restores how often the job had been restored before
     * @param triggered by this host's clock
     * @param location the savepoint's directory
     */
    record Taken(String jobId, int restores, Instant triggered, ObjectUri location) {}

    /** Blocks until the savepoint is complete. */
    Taken take() throws SnapshotAbandonedException, InterruptedException {
        Job running = orAbandon("find job " + job, flink.jobNamed(job))
                .filter(found -> found.state().equals("RUNNING"))
                .orElseThrow(() -> new SnapshotAbandonedException("job " + job + " is not running"));
        Checkpoints before = orAbandon("read checkpoints of " + job, flink.checkpoints(running.id()));
        if (before.latest().isEmpty() && before.restoredCount() == 0) {
            // A failure now would start the job afresh without counting as a restore: see laterCheckpoint().
            throw new SnapshotAbandonedException("job " + job + " has no completed checkpoint yet");
        }
        Instant triggered = Instant.now();
        String trigger = orAbandon(
                "trigger a savepoint of " + job,
                flink.triggerSavepoint(running.id(), directory.toString(), SavepointFormat.NATIVE));
        String location = await(running.id(), trigger, triggered.plus(LIMIT));
        return new Taken(running.id(), before.restoredCount(), triggered, ObjectUri.parse(location));
    }

    private String await(String jobId, String trigger, Instant deadline)
            throws SnapshotAbandonedException, InterruptedException {
        while (Instant.now().isBefore(deadline)) {
            SavepointState state = orAbandon("await the savepoint of " + job, flink.savepoint(jobId, trigger));
            if (state instanceof SavepointState.Completed completed) {
                return completed.location();
            }
            if (state instanceof SavepointState.Failed failed) {
                throw new SnapshotAbandonedException("savepoint of job " + job + " failed: " + failed.reason());
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        throw new SnapshotAbandonedException("savepoint of job " + job + " was not complete within " + LIMIT);
    }

    /**
     * Whether a checkpoint has completed that is newer than the savepoint: only such a one commits what transactional
     * sinks wrote before the savepoint.
     *
     * @throws SnapshotAbandonedException if the job has been restored since: it may then stand before the savepoint
     *     again, and its output up to the savepoint is not committed by a checkpoint with a higher number
     */
    boolean laterCheckpoint(Taken taken, long savepointId) throws SnapshotAbandonedException, InterruptedException {
        Optional<Checkpoints> now = flink.checkpoints(taken.jobId()).ifOk();
        if (now.isEmpty()) {
            return false;
        }
        if (now.get().restoredCount() != taken.restores()) {
            throw new SnapshotAbandonedException("job " + job + " was restored after savepoint " + taken.location());
        }
        return now.get().latest().filter(latest -> latest.id() > savepointId).isPresent();
    }

    private static <T> T orAbandon(String operation, RestAnswer<T> answer) throws SnapshotAbandonedException {
        return answer.ifOk().orElseThrow(() -> new SnapshotAbandonedException(operation + ": " + answer));
    }
}
