package io.breakwater.controller.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Reports of a standby, most of them such that no failover may begin by itself. */
final class OddReports {

    private static final Optional<Duration> LAG = Optional.of(Duration.ofSeconds(5));

    private OddReports() {}

    /** One with which it may. */
    static Readiness usual(Instant now, Instant through) {
        return report(now, through, LAG, Optional.of(through), List.of());
    }

    static List<Readiness> at(Instant now) {
        Instant old = now.minusSeconds(100);
        return List.of(
                report(now, now, Optional.empty(), Optional.empty(), List.of()),
                report(old, now, LAG, Optional.empty(), List.of()),
                report(now, old, LAG, Optional.empty(), List.of()),
                report(now, now, LAG, Optional.of(now.plusSeconds(60)), List.of()),
                report(now, now, LAG, Optional.empty(), List.of("a topic has no receipts")));
    }

    private static Readiness report(
            Instant at, Instant point, Optional<Duration> lag, Optional<Instant> topicsThrough, List<String> notReady) {
        return new Readiness(at, Optional.of(Scenario.point(point)), lag, topicsThrough, notReady);
    }
}
