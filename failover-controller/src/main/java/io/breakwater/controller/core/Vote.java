package io.breakwater.controller.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The newest verdict that one node voted of one region.
 *
 * @param at when it was last voted
 * @param downSince since when, without a gap, each of the node's votes counted as DOWN
 */
public record Vote(RegionVerdict verdict, Instant at, Optional<Instant> downSince) {

    /** An older vote is a missing vote. */
    public static final Duration FRESH = Duration.ofSeconds(5);

    static Vote first(RegionVerdict verdict, Instant now) {
        return new Vote(verdict, now, verdict.countsAsDown() ? Optional.of(now) : Optional.empty());
    }

    /** The node's next vote: DOWN goes on only without a gap. */
    Vote next(RegionVerdict next, Instant now) {
        Vote fresh = first(next, now);
        return fresh.downSince().isPresent() && downSince.isPresent() && isFresh(now)
                ? new Vote(next, now, downSince)
                : fresh;
    }

    public boolean isFresh(Instant now) {
        return !now.isAfter(at.plus(FRESH));
    }

    public boolean isDownFor(Duration holdTime, Instant now) {
        return isFresh(now)
                && downSince
                        .filter(since -> !now.isBefore(since.plus(holdTime)))
                        .isPresent();
    }
}
