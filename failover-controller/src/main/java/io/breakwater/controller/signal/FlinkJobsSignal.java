package io.breakwater.controller.signal;

import io.breakwater.region.FlinkRest;
import io.breakwater.region.RestAnswer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the jobs that are there run and complete their checkpoints. A cluster without jobs is healthy: a standby has
 * none.
 */
public final class FlinkJobsSignal implements HealthSignal {

    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final String RUNNING = "RUNNING";

    private final FlinkRest flink;
    private final Duration checkpointAge;
    private final Clock clock;

    /**
     * @param flink with a time-out as short as the probe's limit
     * @param checkpointAge how old the newest completed checkpoint of a running job may be; a job that has none counts
     *     from its start
     */
    public FlinkJobsSignal(FlinkRest flink, Duration checkpointAge, Clock clock) {
        this.flink = flink;
        this.checkpointAge = checkpointAge;
        this.clock = clock;
    }

    @Override
    public String id() {
        return "flink-checkpoints";
    }

    @Override
    public String signalClass() {
        return "flink-jobs";
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        RestAnswer<List<FlinkRest.Job>> jobs = flink.jobs();
        if (!(jobs instanceof RestAnswer.Ok<List<FlinkRest.Job>> ok)) {
            return silence(jobs);
        }
        List<String> troubles = new ArrayList<>();
        for (FlinkRest.Job job : ok.value()) {
            if (!job.terminal()) {
                Optional<String> trouble = trouble(job);
                trouble.ifPresent(t -> troubles.add("job " + job.name() + " " + t));
            }
        }
        return troubles.isEmpty()
                ? new SignalReading.Healthy()
                : new SignalReading.Unhealthy(String.join("; ", troubles));
    }

    private static SignalReading silence(RestAnswer<?> answer) {
        return answer instanceof RestAnswer.Refused<?> refused
                ? new SignalReading.Unknown("the JobManager refuses with HTTP " + refused.status())
                : new SignalReading.Unhealthy("the JobManager does not answer");
    }

    private Optional<String> trouble(FlinkRest.Job job) throws InterruptedException {
        if (!job.state().equals(RUNNING)) {
            return Optional.of("is " + job.state());
        }
        RestAnswer<FlinkRest.Checkpoints> answer = flink.checkpoints(job.id());
        if (!(answer instanceof RestAnswer.Ok<FlinkRest.Checkpoints> ok)) {
            return Optional.of("does not tell its checkpoints");
        }
        Instant newest =
                ok.value().latest().map(FlinkRest.Checkpoint::triggered).orElse(job.started());
        Duration age = Duration.between(newest, clock.instant());
        return age.compareTo(checkpointAge) > 0
                ? Optional.of("completed its newest checkpoint " + age.toSeconds() + " s ago")
                : Optional.empty();
    }

    @Override
    public void close() {
        // The JDK's HTTP client holds nothing that needs closing.
    }
}
