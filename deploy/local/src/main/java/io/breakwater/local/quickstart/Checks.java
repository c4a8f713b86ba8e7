package io.breakwater.local.quickstart;

import java.util.List;

/** What must hold after a failover. */
final class Checks {

    private static final double RTO_SECONDS = 60;
    private static final long MEMORY_MEGABYTES = 10_240;

    private Checks() {}

    static List<Check> of(Figures figures, ReturnedHome.WriteAttempt write, EvidenceCopy.Audited audited) {
        return List.of(
                new Check(
                        "serving again in time",
                        figures.rtoSeconds() <= RTO_SECONDS,
                        figures.rtoSeconds() + " s, at most " + RTO_SECONDS),
                new Check("the returned region refuses an ordinary write", write.refused(), write.answer()),
                new Check("evidence log verifies", audited.verified(), audited.verdict()),
                new Check(
                        "memory",
                        figures.memoryMegabytes() <= MEMORY_MEGABYTES,
                        figures.memoryMegabytes() + " MB, at most " + MEMORY_MEGABYTES));
    }
}
