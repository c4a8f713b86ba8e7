package io.breakwater.controller.signal;

import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;

/**
 * How often and how patiently signals are probed, and when a breaker opens.
 *
 * @param interval from the beginning of one probe of a signal to the next
 * @param limit after which a probe counts as unhealthy, whatever it still does
 * @param window in which readings count, in whole seconds
 * @param minimumReadings in the window, below which nothing opens
 * @param failurePercent of the window's readings at which the breaker opens
 * @param openFor how long an open breaker waits before it probes again
 * @param trials how many probes decide whether it closes again
 */
public record ProbeSettings(
        Duration interval,
        Duration limit,
        Duration window,
        int minimumReadings,
        int failurePercent,
        Duration openFor,
        int trials) {

    /**
     * A killed region refuses connections, which is seen within about 1 s; one that hangs is seen after 2 s. The limit
     * leaves room for a loaded machine, where a healthy answer may take some hundred milliseconds.
     */
    public static final ProbeSettings DEFAULT = new ProbeSettings(
            Duration.ofMillis(250), Duration.ofSeconds(1), Duration.ofSeconds(2), 2, 50, Duration.ofSeconds(1), 2);

    public ProbeSettings {
        if (window.toSeconds() < 1 || minimumReadings < 2 || trials < 1) {
            throw new IllegalArgumentException("probes: a window of " + window + ", " + minimumReadings
                    + " readings and " + trials + " trials; at least 1 s, two readings and one trial are needed");
        }
    }

    CircuitBreakerConfig breaker() {
        return CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.TIME_BASED)
                .slidingWindowSize(Math.toIntExact(window.toSeconds()))
                .minimumNumberOfCalls(minimumReadings)
                .failureRateThreshold(failurePercent)
                .waitDurationInOpenState(openFor)
                .permittedNumberOfCallsInHalfOpenState(trials)
                .build();
    }
}
