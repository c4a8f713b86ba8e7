package io.breakwater.controller.signal;

import io.breakwater.controller.core.RegionVerdict;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;

/**
 * One observer: probes the signals of all regions all the time and says what it makes of each region now. One thread
 * per signal and one that watches over them. Thread-safe.
 */
public final class RegionAssessor implements AutoCloseable {

    private static final int TICKS_PER_INTERVAL = 5;

    private final SortedMap<String, List<SignalProbe>> probes = new TreeMap<>();
    private final Thread ticking;
    private final ProbeSettings settings;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private long lastTick = System.nanoTime();
    private SortedMap<String, RegionVerdict> told = new TreeMap<>();

    /**
     * @param signals by region; closed with this assessor
     * @param counts whether, of a region, the signals of a class count for its verdict
     */
    public RegionAssessor(
            Map<String, List<HealthSignal>> signals,
            BiPredicate<String, String> counts,
            ProbeSettings settings,
            Clock clock) {
        this.settings = settings;
        signals.forEach((region, list) -> {
            List<SignalProbe> ofRegion = new ArrayList<>();
            list.forEach(signal -> ofRegion.add(
                    new SignalProbe(region, signal, counts.test(region, signal.signalClass()), settings, clock)));
            probes.put(region, List.copyOf(ofRegion));
        });
        ticking = new Thread(this::run, "signals");
        ticking.setDaemon(true);
    }

    public void start() {
        ticking.start();
    }

    private void run() {
        long period = Math.max(1, settings.interval().toMillis() / TICKS_PER_INTERVAL);
        try {
            while (!Thread.currentThread().isInterrupted()) {
                tick();
                TimeUnit.MILLISECONDS.sleep(period);
            }
        } catch (InterruptedException e) {
            // Closed: what is known grows old from here, and counts as unknown.
            Thread.currentThread().interrupt();
        }
    }

    /** The listener is called, on the watching thread, when a verdict or what it rests on has changed: no waiting. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Of every region, also of one that was never probed: then UNKNOWN. */
    public SortedMap<String, RegionVerdict> verdicts() {
        SortedMap<String, RegionVerdict> verdicts = new TreeMap<>();
        probes.keySet().forEach(region -> verdicts.put(region, assess(region).verdict()));
        return verdicts;
    }

    /** Without signals if there is no such region. */
    public RegionAssessment assess(String region) {
        long now = System.nanoTime();
        return new RegionAssessment(
                region,
                probes.getOrDefault(region, List.of()).stream()
                        .map(probe -> probe.assess(now))
                        .toList());
    }

    private void tick() {
        long tickedAt = System.nanoTime();
        boolean late = tickedAt - lastTick > settings.limit().toNanos();
        lastTick = tickedAt;
        probes.values().forEach(ofRegion -> ofRegion.forEach(probe -> probe.tick(System.nanoTime(), late)));
        SortedMap<String, RegionVerdict> now = verdicts();
        if (!now.equals(told)) {
            told = now;
            listeners.forEach(Runnable::run);
        }
    }

    @Override
    public void close() {
        ticking.interrupt();
        probes.values().forEach(ofRegion -> ofRegion.forEach(SignalProbe::close));
    }
}
