package io.breakwater.local.quickstart;

import io.breakwater.local.LocalPlatform;
import io.breakwater.local.outcome.Outcome;
import io.breakwater.local.outcome.Outcome.Check;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import java.nio.file.Path;
import java.util.List;

/** What the quickstart tells, from the start of the platform to the result file. */
final class Story {

    private static final String EVENTS = "flights.events";

    private final ProjectLayout layout;
    private final Path directory;
    private final FailoverRun run;
    private final Progress progress;

    /** @param directory for the results */
    Story(ProjectLayout layout, Path directory, FailoverRun run, Progress progress) {
        this.layout = layout;
        this.directory = directory;
        this.run = run;
        this.progress = progress;
    }

    /** Starts the platform, and returns when its standby is ready. */
    void begin() throws InterruptedException {
        run.start();
        run.tellAddresses();
        run.warmUp();
    }

    /** @return whether every check held */
    boolean loseTheRegion() throws InterruptedException {
        Failover failover = run.killAndFollow();
        Timeline timeline = failover.timeline();
        Report.timeline(timeline).forEach(progress::line);
        ReturnedHome returned = new ReturnedHome(run, progress);
        ReturnedHome.WriteAttempt write = returned.restart(EVENTS);
        ReturnedJob.Ended job = new ReturnedJob(run, progress).submitAgain(layout);
        returned.awaitLedger(failover.killed());
        run.endWorkload();
        progress.line("comparing what both regions hold");
        Outcome outcome = run.outcome(failover.killed());
        EvidenceCopy.Audited audited = new EvidenceCopy(layout, directory).take(run.platform(), LocalPlatform.WEST);
        long memory = run.memory().peakMegabytes();
        List<Check> checks = Checks.of(outcome, write, job, audited, memory);
        Path result = directory.resolve("result.json");
        new ResultFile(timeline, outcome, audited, memory, checks).write(result, layout.root());
        Report.checks(checks).forEach(progress::line);
        progress.line("result: " + layout.root().relativize(result));
        return checks.stream().allMatch(Check::passed);
    }
}
