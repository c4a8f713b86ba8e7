package io.breakwater.replicator.flink;

import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Checkpoint;
import io.breakwater.region.FlinkRest.Checkpoints;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RestAnswer;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/** One job by its name, as the REST API of its cluster shows it. For one thread. */
final class RunningJob {

    private final FlinkRest flink;
    private final String name;

    RunningJob(FlinkRest flink, String name) {
        this.flink = flink;
        this.name = name;
    }

    FlinkRest flink() {
        return flink;
    }

    /** What is known of the job while it runs. */
    record Seen(String jobId, Checkpoints checkpoints) {}

    /** @throws SnapshotAbandonedException if it does not run, or the cluster does not say so */
    Seen require() throws SnapshotAbandonedException, InterruptedException {
        Job running = orAbandon("find job " + name, flink.jobNamed(name))
                .filter(found -> found.state().equals("RUNNING"))
                .orElseThrow(() -> new SnapshotAbandonedException("job " + name + " is not running"));
        Checkpoints checkpoints = orAbandon("read checkpoints of " + name, flink.checkpoints(running.id()));
        if (checkpoints.latest().isEmpty() && checkpoints.restoredCount() == 0) {
            // A failure now would start the job afresh without counting as a restore: see laterCheckpoint().
            throw new SnapshotAbandonedException("job " + name + " has no completed checkpoint yet");
        }
        return new Seen(running.id(), checkpoints);
    }

    /**
     * The newest checkpoint that has completed, if it is newer than another one: only such a one commits what
     * transactional sinks wrote before a savepoint. Empty also if the cluster does not answer.
     *
     * @throws SnapshotAbandonedException if the job has been restored since: it may then stand before the snapshot
     *     again, and its output up to the snapshot is not committed by a checkpoint with a higher number
     */
    OptionalLong laterCheckpoint(TakenSnapshot taken, long snapshotId)
            throws SnapshotAbandonedException, InterruptedException {
        Optional<Checkpoints> now = flink.checkpoints(taken.jobId()).ifOk();
        if (now.isEmpty()) {
            return OptionalLong.empty();
        }
        if (now.get().restoredCount() != taken.restores()) {
            throw new SnapshotAbandonedException("job " + name + " was restored after snapshot " + taken.location());
        }
        Optional<Checkpoint> latest = now.get().latest().filter(completed -> completed.id() > snapshotId);
        return latest.isPresent() ? OptionalLong.of(latest.get().id()) : OptionalLong.empty();
    }

    /** The clock that its checkpoints go by. */
    Instant clock(String jobId) throws SnapshotAbandonedException, InterruptedException {
        return orAbandon("read the clock of " + name, flink.clock(jobId));
    }

    /** @throws SnapshotAbandonedException if Flink keeps it where we do not read */
    ObjectUri located(String location) throws SnapshotAbandonedException {
        try {
            return ObjectUri.parse(location);
        } catch (IllegalArgumentException e) {
            throw new SnapshotAbandonedException("snapshot of job " + name + " is at '" + location
                    + "', which is no place in S3: set execution.checkpointing.dir to one, and"
                    + " externalized-checkpoint-retention to RETAIN_ON_CANCELLATION");
        }
    }

    <T> T orAbandon(String operation, RestAnswer<T> answer) throws SnapshotAbandonedException {
        return answer.ifOk().orElseThrow(() -> new SnapshotAbandonedException(operation + ": " + answer));
    }
}
