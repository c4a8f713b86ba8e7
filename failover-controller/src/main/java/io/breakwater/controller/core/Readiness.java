package io.breakwater.controller.core;

import io.breakwater.platform.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the leader read from the receipts: whether the standby could take over now.
 *
 * @param at when the report was made
 * @param recoveryPoint the newest one, if there is one
 * @param lag how far the topics' replicas are behind; empty if that is not known
 * @param topicsThrough the newest source time of a topic's replica; empty if there is none
 * @param notReady why the standby is not ready, in words; empty if it is
 */
public record Readiness(
        Instant at,
        Optional<RecoveryPoint> recoveryPoint,
        Optional<Duration> lag,
        Optional<Instant> topicsThrough,
        List<String> notReady) {

    /** An older report says nothing. */
    public static final Duration FRESH = Duration.ofSeconds(30);

    public Readiness {
        notReady = List.copyOf(notReady);
    }
}
