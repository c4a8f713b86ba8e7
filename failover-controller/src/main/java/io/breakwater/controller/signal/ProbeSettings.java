package io.breakwater.controller.signal;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;

/**
 * How often and how patiently signals are probed, and when a breaker opens.
 *
 * @param interval from the beginning of one probe of a signal to the next
 * @param limit after which a probe counts as unhealthy, whatever it still does
 * @param window in which readings count, in whole seconds
 * @param minimumReadings in the window, below which nothing opens
 * @param failurePercent of the window's readings at which the breaker opens
 * @param slowAfter after which a probe counts as slow; if every one in the window is slow, the breaker opens too
 * @param openFor how long an open breaker waits before it probes again; twice as long each time that the trials fail
 * @param openForMost how far that grows
 * @param trials how many probes decide whether it closes again
 */
public record ProbeSettings(
        Duration interval,
        Duration limit,
        Duration window,
        int minimumReadings,
        int failurePercent,
        Duration slowAfter,
        Duration openFor,
        Duration openForMost,
        int trials) {

    /**
     * A killed region refuses connections, which is seen within about 1 s; one that hangs is seen after 2 s. The limit
     * leaves room for a loaded machine, where a healthy answer may take some hundred milliseconds.
     */
    public static final ProbeSettings DEFAULT = new ProbeSettings(
            Duration.ofMillis(250),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            2,
            50,
            Duration.ofMillis(900),
            Duration.ofSeconds(1),
            Duration.ofSeconds(4),
            2);

    private static final int WINDOW_PROBES = 3;
    private static final int ALL_PERCENT = 100;
    private static final double GROWTH = 2;

    public ProbeSettings {
        if (openForMost.compareTo(openFor) < 0) {
            throw new IllegalArgumentException(
                    "probes: a breaker is open for " + openFor + " at first and at most " + openForMost);
        }
        if (window.toSeconds() < 1 || minimumReadings < 2 || trials < 1) {
            throw new IllegalArgumentException("probes: a window of " + window + ", " + minimumReadings
                    + " readings and " + trials + " trials; at least 1 s, two readings and one trial are needed");
        }
    }

    /** For a signal that is probed less often: the window still has its readings. */
    ProbeSettings every(Duration least) {
        return least.compareTo(interval) <= 0
                ? this
                : new ProbeSettings(
                        least,
                        limit,
                        longer(window, least.multipliedBy(WINDOW_PROBES)),
                        minimumReadings,
                        failurePercent,
                        slowAfter,
                        longer(openFor, least),
                        longer(openForMost, least),
                        trials);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    CircuitBreakerConfig breaker() {
        return CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.TIME_BASED)
                .slidingWindowSize(Math.toIntExact(window.toSeconds()))
                .minimumNumberOfCalls(minimumReadings)
                .failureRateThreshold(failurePercent)
                .slowCallDurationThreshold(slowAfter)
                .slowCallRateThreshold(ALL_PERCENT)
                .waitIntervalFunctionInOpenState(IntervalFunction.ofExponentialBackoff(openFor, GROWTH, openForMost))
                .permittedNumberOfCallsInHalfOpenState(trials)
                .build();
    }
}
