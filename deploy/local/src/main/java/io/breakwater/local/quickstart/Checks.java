package io.breakwater.local.quickstart;

import io.breakwater.local.outcome.Outcome;
import io.breakwater.local.outcome.Outcome.Check;
import java.util.ArrayList;
import java.util.List;

/** What must hold after a failover: what the data says, and what the run says beside it. */
final class Checks {

    private static final double RTO_SECONDS = 60;
    private static final long MEMORY_MEGABYTES = 10_240;

    private Checks() {}

    /** @param memoryMegabytes the peak of the summed resident memory of all processes */
    static List<Check> of(
            Outcome outcome,
            ReturnedHome.WriteAttempt write,
            ReturnedJob.Ended job,
            EvidenceCopy.Audited audited,
            long memoryMegabytes) {
        List<Check> checks = new ArrayList<>(outcome.checks());
        checks.add(new Check(
                "serving in time",
                outcome.rtoSeconds().map(rto -> rto <= RTO_SECONDS).orElse(false),
                outcome.rtoSeconds().map(rto -> rto + " s").orElse("never") + ", at most " + RTO_SECONDS + " s"));
        checks.add(new Check("returned region refuses an ordinary write", write.refused(), write.answer()));
        checks.add(new Check("returned region's job is ended", job.closed(), job.detail()));
        checks.add(new Check("evidence log verifies", audited.verified(), audited.verdict()));
        checks.add(new Check(
                "memory",
                memoryMegabytes <= MEMORY_MEGABYTES,
                memoryMegabytes + " MB at its peak, at most " + MEMORY_MEGABYTES + " MB"));
        return checks;
    }
}
