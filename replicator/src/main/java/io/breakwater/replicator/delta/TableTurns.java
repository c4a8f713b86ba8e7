package io.breakwater.replicator.delta;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When a table gets its next step, and what is to be said of it. A table in trouble is tried again, later each time, and
 * goes on by itself when the cause is gone. Its step runs on any thread, one at a time; the alarm may be asked for
 * meanwhile.
 */
final class TableTurns {

    private static final Logger LOG = LoggerFactory.getLogger(TableTurns.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    /** What is waited for, a table's first commit or a store, comes by itself, and a standby without it is not ready. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    /** A cause that stops a table is mostly for a person to take away; looking costs a few requests. */
    private static final Duration LONGEST_STOP = Duration.ofMinutes(2);
    /** A source that answers again within this time is not worth an alarm. */
    private static final Duration QUIET = Duration.ofSeconds(60);

    /** Between two looks at a table that had nothing new. */
    private static final Duration IDLE = Duration.ofMillis(500);

    /**
     * A step that was done.
     *
     * @param next when the table's next one is due
     */
    record Step(TableTurns table, Progress progress, Instant next) {}

    /** What stands in the way, since when. */
    private record Trouble(boolean stopped, String reason, Instant since, Duration pause) {}

    private final TableMirror mirror;
    private final String group;
    private volatile Optional<Trouble> trouble = Optional.empty();
    private Instant next = Instant.MIN;
    private boolean running;

    TableTurns(TableMirror mirror, String group) {
        this.mirror = mirror;
        this.group = group;
    }

    TableMirror mirror() {
        return mirror;
    }

    AssetId asset() {
        return mirror.table().asset();
    }

    /** Whether it is to be given a step now; asked, like {@link #ended}, by the one thread that gives steps. */
    boolean begin(Instant now) {
        if (running || now.isBefore(next)) {
            return false;
        }
        running = true;
        return true;
    }

    /** @return what came of a step that was begun */
    Step step(Clock clock) throws InterruptedException {
        Progress progress = mirror.advance();
        Instant now = clock.instant();
        if (progress instanceof Progress.Stopped stopped) {
            return new Step(this, progress, met(true, stopped.reason(), now));
        }
        if (progress instanceof Progress.Waiting waiting) {
            return new Step(this, progress, met(false, waiting.reason(), now));
        }
        if (trouble.isPresent()) {
            LOG.info("group={} asset={} goes on: {}", group, asset(), mirror);
            trouble = Optional.empty();
        }
        return new Step(this, progress, progress instanceof Progress.Moving ? now : now.plus(IDLE));
    }

    /** The step that was begun is over. */
    void ended(Step step) {
        running = false;
        next = step.next();
    }

    private Instant met(boolean stopped, String reason, Instant now) {
        Optional<Trouble> same = trouble.filter(before -> before.stopped() == stopped);
        Duration longest = stopped ? LONGEST_STOP : LONGEST_WAIT;
        Duration doubled = same.map(before -> before.pause().multipliedBy(2)).orElse(FIRST_PAUSE);
        Duration pause = doubled.compareTo(longest) > 0 ? longest : doubled;
        // The kind of trouble is said, not each variation of its text; what stops a table is said whenever it changes.
        if (same.isEmpty() || (stopped && !same.get().reason().equals(reason))) {
            if (stopped) {
                LOG.error("group={} asset={} stopped: {}", group, asset(), reason);
            } else {
                LOG.warn("group={} asset={} waiting: {}", group, asset(), reason);
            }
        }
        trouble = Optional.of(
                new Trouble(stopped, reason, same.map(Trouble::since).orElse(now), pause));
        return now.plus(pause);
    }

    /** What is wrong with the table, if it is for a person to look at. */
    Optional<Alarm> alarm(Instant now) {
        return trouble.filter(met -> met.stopped() || !now.isBefore(met.since().plus(QUIET)))
                .map(met -> new Alarm(
                        met.stopped() ? "table-stopped" : "table-waiting",
                        asset().toString(),
                        asset() + (met.stopped() ? " stopped" : " waits") + " since " + met.since() + ": "
                                + met.reason(),
                        met.stopped()));
    }
}
