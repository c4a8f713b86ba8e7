package io.breakwater.controller.signal;

import java.time.Instant;
import java.util.Optional;

/**
 * What one signal was like since this node started.
 *
 * @param verdictSince since when it has the verdict that it has
 * @param lastTrouble the newest reading that was not healthy
 * @param readings how many probes were counted
 * @param failures how many of them were unhealthy
 * @param slow how many of them took longer than {@link ProbeSettings#slowAfter()}
 * @param transitions how often the circuit breaker changed its state
 */
public record SignalHistory(
        Instant verdictSince,
        Optional<Trouble> lastTrouble,
        long readings,
        long failures,
        long slow,
        long transitions) {

    /** @param reason for people */
    public record Trouble(Instant at, String reason) {}
}
