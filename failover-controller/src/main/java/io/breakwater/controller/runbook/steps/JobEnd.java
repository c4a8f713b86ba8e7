package io.breakwater.controller.runbook.steps;

import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Cancels jobs of one Flink cluster, and sees that they end. */
record JobEnd(FlinkRest flink) {

    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    /** @return empty once the cluster says that it has ended; else why that is not known after 20 s */
    Optional<String> end(String id) throws InterruptedException {
        RestAnswer<Boolean> cancelled = flink.cancel(id);
        Instant deadline = Instant.now().plus(LIMIT);
        while (Instant.now().isBefore(deadline)) {
            RestAnswer<List<Job>> jobs = flink.jobs();
            if (jobs.ifOk().isPresent()
                    && jobs.ifOk().get().stream().noneMatch(j -> j.id().equals(id) && !j.terminal())) {
                return Optional.empty();
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
        return Optional.of("job " + id + " does not end; cancel: " + cancelled);
    }
}
