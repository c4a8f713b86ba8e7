package io.breakwater.replicator.receipts;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What stands in the way of something that is tried again and again: later each time, from a second to half a minute.
 * Met and gone on one thread; asked from any.
 */
public final class Hindrance {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** What is over within this time is not worth an alarm. */
    private static final Duration QUIET = Duration.ofSeconds(60);

    private record Met(String reason, Instant since, Duration pause) {}

    private volatile Optional<Met> met = Optional.empty();

    /** @return how long to wait before the next attempt */
    public Duration met(String reason, Instant now) {
        Optional<Met> before = met;
        Duration doubled = before.map(known -> known.pause().multipliedBy(2)).orElse(FIRST_PAUSE);
        Duration pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        met = Optional.of(new Met(reason, before.map(Met::since).orElse(now), pause));
        return pause;
    }

    public void gone() {
        met = Optional.empty();
    }

    public boolean isGone() {
        return met.isEmpty();
    }

    /** Since when and why, once it has lasted for a minute. */
    public Optional<String> worthAnAlarm(Instant now) {
        return met.filter(known -> !now.isBefore(known.since().plus(QUIET)))
                .map(known -> "since " + known.since() + ": " + known.reason());
    }
}
