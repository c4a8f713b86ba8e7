package io.breakwater.replicator.delta;

import io.breakwater.platform.Alarm;
import io.breakwater.replicator.receipts.Hindrance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a {@link TableAhead} its turns, on a thread of its own, until that is interrupted. Whatever happens to it is
 * said and nothing more: the table does without.
 */
final class AheadRun implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(AheadRun.class);
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final TableAhead ahead;
    private final String group;
    private final Clock clock;
    private final Hindrance hindrance = new Hindrance();

    AheadRun(TableAhead ahead, String group, Clock clock) {
        this.ahead = ahead;
        this.group = group;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(turn().toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration turn() throws InterruptedException {
        Progress progress;
        try {
            progress = ahead.advance();
        } catch (RuntimeException e) {
            // Not foreseen; the table's own task would fail of it if it concerned the table.
            return met(e.toString());
        }
        if (progress instanceof Progress.Waiting waiting) {
            return met(waiting.reason());
        }
        if (progress instanceof Progress.Stopped stopped) {
            return met(stopped.reason());
        }
        hindrance.gone();
        return progress instanceof Progress.Moving ? Duration.ZERO : IDLE;
    }

    private Duration met(String reason) {
        if (hindrance.isGone()) {
            LOG.warn(
                    "group={} asset={} is not copied ahead: {}",
                    group,
                    ahead.table().asset(),
                    reason);
        }
        return hindrance.met(reason, clock.instant());
    }

    /** What is for a person to look at; from any thread. */
    Optional<Alarm> alarm(Instant now) {
        return hindrance
                .worthAnAlarm(now)
                .map(met -> new Alarm(
                        "table-ahead",
                        ahead.table().asset().toString(),
                        ahead.table().asset() + ": share "
                                + ahead.table().share().index() + " of "
                                + ahead.table().share().of()
                                + " of its files is not copied ahead " + met + ". The table goes on without",
                        false));
    }
}
