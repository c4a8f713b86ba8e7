package io.breakwater.local.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.process.Progress;
import io.breakwater.local.quickstart.Directories;
import io.breakwater.local.quickstart.Failover;
import io.breakwater.local.quickstart.FailoverRun;
import io.breakwater.local.server.ProjectLayout;
import java.util.List;

/**
 * How long a failover takes after kill -9 of a whole region. Each metric counts in seconds from the kill: until the
 * first vote of DOWN, the decision, the end of the old lease, the restored job, and until all of the workload works.
 */
final class FailoverBenchmark implements Benchmark {

    private static final String CASE = "kill";
    private static final String SECONDS = "s";

    private final ProjectLayout layout;
    private final FailoverRun.Settings settings;
    private final FailoverPhases phases = new FailoverPhases();

    FailoverBenchmark(ProjectLayout layout, FailoverRun.Settings settings) {
        this.layout = layout;
        this.settings = settings;
    }

    @Override
    public String name() {
        return "failover";
    }

    @Override
    public List<Sample> round(Progress progress) throws InterruptedException {
        Directories.delete(settings.directory());
        try (FailoverRun run = new FailoverRun(layout, settings, progress)) {
            run.start();
            run.warmUp();
            Failover.Times times = run.killAndFollow().times();
            phases.add(times);
            return List.of(
                    new Sample(CASE, "first_vote_s", SECONDS, times.firstVote()),
                    new Sample(CASE, "decide_s", SECONDS, times.decided()),
                    new Sample(CASE, "lapse_s", SECONDS, times.lapsed()),
                    new Sample(CASE, "restore_s", SECONDS, times.restored()),
                    new Sample(CASE, "rto_s", SECONDS, times.serving()));
        }
    }

    @Override
    public List<ObjectNode> conclusions() {
        return List.of(phases.conclusion());
    }
}
