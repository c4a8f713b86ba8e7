package io.breakwater.replicator.flink;

import io.breakwater.platform.OffsetVector;
import io.breakwater.region.FlinkRest.Checkpoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Finds the newest completed checkpoint of one job through the REST API of its cluster. Flink may delete it at any time,
 * when as many newer ones are complete as the job retains. For one thread.
 *
 * <p>Of a job that declares outputs it waits for the next one, so that their ends are known from just before it began
 * and from just after it was complete; if none comes in time, the newest one has to do.
 */
final class RetainedCheckpoint implements SnapshotOrigin {

    private static final Duration NEXT = Duration.ofMinutes(1);
    private static final Duration LOOK = Duration.ofMillis(300);
    private static final int LOOKS = 1_000;

    private final RunningJob job;
    private final String name;
    private final Deque<Look> looks = new ArrayDeque<>();

    /**
     * @param ends of the outputs, read before {@code clock}
     * @param clock of the JobManager
     */
    private record Look(OffsetVector ends, Instant clock) {}

    RetainedCheckpoint(RunningJob job, String name) {
        this.job = job;
        this.name = name;
    }

    @Override
    public TakenSnapshot take(Optional<Ends> ends) throws SnapshotAbandonedException, InterruptedException {
        RunningJob.Seen running = job.require();
        if (ends.isEmpty()) {
            return taken(running, newest(running));
        }
        look(running.jobId(), ends.get());
        Instant began = looks.getLast().clock();
        Instant deadline = Instant.now().plus(NEXT);
        while (true) {
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
            running = job.require();
            Optional<Checkpoint> latest = running.checkpoints().latest();
            boolean isNew =
                    latest.filter(found -> !found.triggered().isBefore(began)).isPresent();
            if (isNew || Instant.now().isAfter(deadline)) {
                return taken(running, newest(running));
            }
            look(running.jobId(), ends.get());
        }
    }

    private void look(String jobId, Ends ends) throws SnapshotAbandonedException, InterruptedException {
        OffsetVector now = ends.read();
        looks.addLast(new Look(now, job.clock(jobId)));
        if (looks.size() > LOOKS) {
            looks.removeFirst();
        }
    }

    private Checkpoint newest(RunningJob.Seen running) throws SnapshotAbandonedException {
        return running.checkpoints()
                .latest()
                .orElseThrow(() -> new SnapshotAbandonedException(
                        "job " + name + " has completed no checkpoint since it was restored"));
    }

    private TakenSnapshot taken(RunningJob.Seen running, Checkpoint newest) throws SnapshotAbandonedException {
        return new TakenSnapshot(
                running.jobId(),
                running.checkpoints().restoredCount(),
                newest.triggered(),
                job.located(newest.location()),
                lastBefore(newest.triggered()));
    }

    private Optional<OffsetVector> lastBefore(Instant triggered) {
        for (Iterator<Look> newestFirst = looks.descendingIterator(); newestFirst.hasNext(); ) {
            Look look = newestFirst.next();
            if (!look.clock().isAfter(triggered)) {
                return Optional.of(look.ends());
            }
        }
        return Optional.empty();
    }
}
