package io.breakwater.replicator.objects;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.replicator.receipts.Hindrance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives a prefix's mirror its turns, on a thread of its own, until that is interrupted. */
final class PrefixRun implements Callable<Void> {

    private static final Logger LOG = LoggerFactory.getLogger(PrefixRun.class);
    /** A position that the replica of a prefix has reached. */
    record Reached(PrefixMirror mirror, ReplicaPosition position) {}

    private final PrefixMirror mirror;
    private final String group;
    private final BlockingQueue<Reached> reached;
    private final Clock clock;
    private final Hindrance hindrance = new Hindrance();

    /** @param reached is given the positions; a full one is waited for */
    PrefixRun(PrefixMirror mirror, String group, BlockingQueue<Reached> reached, Clock clock) {
        this.mirror = mirror;
        this.group = group;
        this.reached = reached;
        this.clock = clock;
    }

    @Override
    public Void call() throws InterruptedException {
        while (true) {
            TimeUnit.MILLISECONDS.sleep(turn().toMillis());
        }
    }

    /** @return how long to wait before the next one */
    private Duration turn() throws InterruptedException {
        try {
            Optional<PrefixMirror.Ended> ended = mirror.step();
            if (ended.isEmpty()) {
                return Duration.ZERO;
            }
            if (ended.get().position().isPresent()) {
                reached.put(new Reached(mirror, ended.get().position().get()));
            }
            if (ended.get().failed().isPresent()) {
                return met(ended.get().failed().get());
            }
            if (!hindrance.isGone()) {
                LOG.info("group={} asset={} goes on", group, mirror.asset().id());
                hindrance.gone();
            }
            return mirror.asset().every();
        } catch (ObjectStoreException e) {
            return met(String.valueOf(e.getMessage()));
        }
    }

    private Duration met(String reason) {
        if (hindrance.isGone()) {
            LOG.warn("group={} asset={} waiting: {}", group, mirror.asset().id(), reason);
        }
        return hindrance.met(reason, clock.instant());
    }

    /** What is for a person to look at; from any thread. */
    List<Alarm> alarms(Instant now) {
        List<Alarm> alarms = new ArrayList<>(mirror.alarms());
        hindrance
                .worthAnAlarm(now)
                .map(met -> new Alarm(
                        "objects-waiting",
                        mirror.asset().id().toString(),
                        mirror.asset().id() + " waits " + met,
                        false))
                .ifPresent(alarms::add);
        return alarms;
    }
}
