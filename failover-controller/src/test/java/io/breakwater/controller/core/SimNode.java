package io.breakwater.controller.core;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** A controller node: its clocks, what it has heard of, what it is cut off from. Times are seconds of the simulation. */
final class SimNode {

    /** What it tells of a region that lives, and which classes of signals it says are down. */
    record Lie(String region, RegionVerdict verdict) {}

    final String id;
    private final double monotonicRate;
    private double wallOffset;
    private double leadsSince = Double.NaN;
    private double renewedAt = Double.NEGATIVE_INFINITY;

    ControlState view = ControlState.EMPTY;
    Optional<Lie> lie = Optional.empty();
    /** Nothing that it sends arrives. */
    boolean mute;
    /** It hears nothing. */
    boolean deaf;
    /** Stopped: it does nothing, and what it was about to send is sent when it goes on. */
    boolean paused;

    SimNode(String id, Random random, double maxDrift) {
        this.id = id;
        this.monotonicRate = 1 + (random.nextDouble() * 2 - 1) * maxDrift;
        this.wallOffset = random.nextGaussian() * 5;
    }

    Instant wallClock(Instant begin, double time) {
        return begin.plusMillis((long) ((time + wallOffset) * 1000));
    }

    void jumpWallClock(double seconds) {
        wallOffset += seconds;
    }

    void leadsFrom(double time) {
        leadsSince = time;
    }

    void knowsThatItIsDeposed() {
        leadsSince = Double.NaN;
    }

    /** Whether it thinks so. */
    boolean leads() {
        return !Double.isNaN(leadsSince);
    }

    boolean isCutOff() {
        return mute || deaf || paused;
    }

    void hears(ControlState state, boolean renewed, double time) {
        view = state;
        if (renewed) {
            renewedAt = time;
        }
    }

    /** Of the regions, as it sees them or says that it does. */
    SortedMap<String, RegionVerdict> verdicts(List<SimBroker> brokers) {
        SortedMap<String, RegionVerdict> verdicts = new TreeMap<>();
        brokers.forEach(broker -> verdicts.put(
                broker.region,
                lie.filter(told -> told.region().equals(broker.region))
                        .map(Lie::verdict)
                        .orElse(broker.isAlive() ? Scenario.up() : Scenario.down())));
        return verdicts;
    }

    /** On its own monotonic clock: how long it has seen no renewal, at most since it leads. */
    Duration quiet(double time) {
        return Duration.ofMillis((long) ((time - Math.max(renewedAt, leadsSince)) * monotonicRate * 1000));
    }
}
