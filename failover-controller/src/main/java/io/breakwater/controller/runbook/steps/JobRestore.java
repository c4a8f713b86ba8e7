package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Checkpoint;
import io.breakwater.region.FlinkRest.Checkpoints;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.FlinkRest.Restored;
import io.breakwater.region.RestAnswer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Starts one job from one savepoint and waits until it has proven itself. RUNNING proves nothing: a job that cannot
 * use its state alternates between RUNNING and RESTARTING. Restored is one that Flink says it has restored from this
 * savepoint, that has completed a checkpoint since, and that met no exception.
 *
 * <p>The job's id follows from operation, snapshot and attempt, so that a step that is run again finds its own job
 * instead of starting a second one.
 */
final class JobRestore {

    private static final Duration POLL = Duration.ofMillis(250);
    private static final int ATTEMPTS = 20;

    private final FlinkRest flink;
    private final String job;
    private final String scope;
    private final Duration within;
    private final Purpose purpose;

    /**
     * @param scope what makes the operation's submissions of this job different from all others
     * @param within how long the first checkpoint may take from the submission of a job that is restored
     */
    JobRestore(FlinkRest flink, String job, String scope, Duration within, Purpose purpose) {
        this.flink = flink;
        this.job = job;
        this.scope = scope;
        this.within = within;
        this.purpose = purpose;
    }

    /** What the restored job is for. */
    enum Purpose {
        /** The group's own: it is the only one of its name afterwards. */
        MOVE,
        /** Beside others of its name, which are left alone; its id says what it is. */
        DRILL
    }

    /** How a drill's job ids begin. */
    private static final String DRILL_MARK = "d4111000";

    /** Whether the job was submitted for a drill. */
    static boolean isDrill(String jobId) {
        return jobId.startsWith(DRILL_MARK);
    }

    /** How it went with one savepoint. */
    sealed interface Outcome {
        record Proven(String jobId, Instant submittedAt, Restored restored, Checkpoint checkpoint) implements Outcome {}

        /** Another savepoint may do. Nothing of the attempt runs any more. */
        record Unusable(String reason) implements Outcome {
            @Override
            public String toString() {
                return reason;
            }
        }

        /** The cluster did not do its part in time; the same savepoint may do later. */
        record Undecided(String reason) implements Outcome {
            @Override
            public String toString() {
                return reason;
            }
        }
    }

    /** What has to be submitted, once its id is known. */
    interface Plan {
        RestAnswer<String> submit(String jobId) throws InterruptedException;
    }

    /** Blocks until it is known how it went, at most until the deadline. */
    Outcome from(ReplicaPosition position, Plan plan, Instant deadline) throws InterruptedException {
        String location = position.location().orElseThrow();
        RestAnswer<List<Job>> known = flink.jobs();
        if (known.ifOk().isEmpty()) {
            return new Outcome.Undecided("list jobs: " + known);
        }
        List<Job> jobs = known.ifOk().get();
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            String id = jobId(location, attempt);
            Optional<Job> own = jobs.stream().filter(j -> j.id().equals(id)).findFirst();
            if (own.isPresent() && own.get().terminal()) {
                continue;
            }
            if (own.isEmpty()) {
                Optional<Outcome> stopped = purpose == Purpose.MOVE ? endOthers(jobs) : Optional.empty();
                if (stopped.isPresent()) {
                    return stopped.get();
                }
                RestAnswer<String> submitted = plan.submit(id);
                if (submitted instanceof RestAnswer.Refused<String> refused) {
                    return new Outcome.Unusable("submit: " + refused);
                }
                if (submitted.ifOk().isEmpty()) {
                    return new Outcome.Undecided("submit: " + submitted);
                }
            }
            return await(id, own.map(Job::started).orElseGet(Instant::now), deadline);
        }
        return new Outcome.Unusable(ATTEMPTS + " attempts have failed");
    }

    /** A job of this name from elsewhere would write beside the restored one. */
    private Optional<Outcome> endOthers(List<Job> jobs) throws InterruptedException {
        for (Job other : jobs) {
            if (other.name().equals(job) && !other.terminal()) {
                Optional<Outcome> failed = end(other.id());
                if (failed.isPresent()) {
                    return failed;
                }
            }
        }
        return Optional.empty();
    }

    private Outcome await(String id, Instant submittedAt, Instant deadline) throws InterruptedException {
        String seen = "not seen in the cluster";
        while (Instant.now().isBefore(deadline)) {
            RestAnswer<List<String>> exceptions = flink.exceptions(id);
            RestAnswer<Checkpoints> checkpoints = flink.checkpoints(id);
            Optional<String> exception =
                    exceptions.ifOk().flatMap(list -> list.stream().findFirst());
            if (exception.isPresent()) {
                Optional<Outcome> ended = end(id);
                return ended.orElseGet(() -> new Outcome.Unusable("job failed after submission: " + exception.get()));
            }
            Optional<Restored> restored = checkpoints.ifOk().flatMap(Checkpoints::restored);
            Optional<Checkpoint> completed = checkpoints.ifOk().flatMap(Checkpoints::latest);
            boolean once = checkpoints
                    .ifOk()
                    .filter(known -> known.restoredCount() == 1)
                    .isPresent();
            if (exceptions.ifOk().isPresent() && once && restored.isPresent() && completed.isPresent()) {
                return new Outcome.Proven(id, submittedAt, restored.get(), completed.get());
            }
            if (once && Instant.now().isAfter(submittedAt.plus(within))) {
                Optional<Outcome> ended = end(id);
                return ended.orElseGet(
                        () -> new Outcome.Unusable("job was restored, and completed no checkpoint within " + within));
            }
            seen = restored.isPresent() ? "restored, without a completed checkpoint" : "not restored: " + checkpoints;
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        return new Outcome.Undecided("job " + id + " in time: " + seen);
    }

    private Optional<Outcome> end(String id) throws InterruptedException {
        return new JobEnd(flink).end(id).map(Outcome.Undecided::new);
    }

    /** @param attempt from 1 */
    String jobId(String location, int attempt) {
        String unique = digest(scope + "|" + location + "|" + attempt);
        return purpose == Purpose.DRILL ? DRILL_MARK + unique.substring(DRILL_MARK.length()) : unique;
    }

    private static String digest(String unique) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(unique.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }
}
