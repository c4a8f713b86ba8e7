package io.breakwater.local.quickstart;

import io.breakwater.local.LocalPlatform;
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

    /** @return whether every check held */
    boolean tell() throws InterruptedException {
        run.start();
        run.tellAddresses();
        run.warmUp();
        Failover failover = run.killAndFollow();
        Timeline timeline = failover.timeline();
        Report.timeline(timeline).forEach(progress::line);
        ReturnedHome returned = new ReturnedHome(run, progress);
        ReturnedHome.WriteAttempt write = returned.restart(EVENTS);
        returned.awaitLedger(failover.killed());
        run.endWorkload();
        progress.line("comparing what both regions hold");
        Figures figures = Figures.of(run, failover);
        EvidenceCopy evidence = new EvidenceCopy(layout, directory);
        EvidenceCopy.Audited audited = evidence.take(run.platform(), LocalPlatform.WEST);
        List<Check> checks = Checks.of(figures, write, audited);
        Path result = directory.resolve("result.json");
        ResultFile.write(result, layout.root(), timeline, figures, audited, evidence, checks);
        Report.checks(checks).forEach(progress::line);
        progress.line("result: " + layout.root().relativize(result));
        return checks.stream().allMatch(Check::passed);
    }
}
