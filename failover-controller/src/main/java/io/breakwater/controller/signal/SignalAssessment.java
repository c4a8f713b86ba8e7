package io.breakwater.controller.signal;

import io.breakwater.controller.core.Verdict;

/**
 * What this node makes of one signal now.
 *
 * @param counts whether its class counts for the region's verdict; else it is only shown
 * @param breaker the state of its circuit breaker: {@code CLOSED}, {@code OPEN} or {@code HALF_OPEN}
 * @param detail the newest reading's reason, for people; empty if there is nothing to say
 */
public record SignalAssessment(
        String signal,
        String signalClass,
        boolean counts,
        Verdict verdict,
        String breaker,
        String detail,
        SignalHistory history) {}
