package io.breakwater.local.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Checkpoints;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.RestAnswer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Somebody who knows nothing of the failover starts the group's job in the returned region again. */
final class ReturnedJob {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int NOT_FOUND = 404;

    private final FailoverRun run;
    private final Progress progress;

    ReturnedJob(FailoverRun run, Progress progress) {
        this.run = run;
        this.progress = progress;
    }

    /** @param closed whether it was cancelled before it had committed anything */
    record Ended(boolean closed, String detail) {}

    /** Returns when the controller says that it has ended the job, and that none runs there. */
    Ended submitAgain(ProjectLayout layout) throws InterruptedException {
        String home = run.group().home();
        run.platform().region(home).flink().awaitReady(progress);
        FlinkRest flink = new HomeJob(layout, run.platform(), run.waiting()).begin(run.group());
        JsonNode left = run.waiting()
                .until(
                        "the returned region's job to be ended",
                        LIMIT,
                        () -> "it is not",
                        () -> run.controllers()
                                .explanation(home)
                                .map(explanation -> explanation.at("/left/0"))
                                .filter(group -> group.path("jobsClosed").asBoolean()
                                        && !group.path("ended").isEmpty()));
        List<Job> jobs = flink.jobs().ifOk().orElse(List.of());
        for (JsonNode ended : left.path("ended")) {
            String id = ended.path("jobId").asText();
            Optional<String> state = jobs.stream()
                    .filter(job -> job.id().equals(id))
                    .map(Job::state)
                    .findFirst();
            int committed = completed(flink, id);
            String detail =
                    "job " + id + " is " + state.orElse("not known") + ", " + committed + " checkpoints were completed";
            progress.line(ended.path("job").asText() + " was submitted to " + home + " again: " + detail);
            if (!state.equals(Optional.of("CANCELED")) || committed != 0) {
                return new Ended(false, detail);
            }
        }
        return new Ended(true, left.path("ended").size() + " cancelled before it had completed a checkpoint");
    }

    /**
     * A job that was cancelled before it was set up has no statistics of checkpoints: Flink answers 404 once it knows
     * that, and some other error before.
     */
    private int completed(FlinkRest flink, String id) throws InterruptedException {
        return run.waiting().until("the ended job's checkpoints", LIMIT, () -> "Flink does not tell", () -> {
            RestAnswer<Checkpoints> answer = flink.checkpoints(id);
            return answer instanceof RestAnswer.Refused<Checkpoints> refused && refused.status() == NOT_FOUND
                    ? Optional.of(0)
                    : answer.ifOk().map(Checkpoints::completedCount);
        });
    }
}
