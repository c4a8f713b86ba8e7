package io.breakwater.controller.core;

import java.time.Duration;
import java.time.Instant;

/** What one person asked for and another has still to approve. */
public record PendingRequest(
        String id, String kind, String requestedBy, String reason, boolean acceptLoss, Instant at) {

    /** Later the reasons may be gone: it has to be asked for again. */
    public static final Duration STANDS = Duration.ofMinutes(15);

    public boolean stands(Instant now) {
        return !now.isAfter(at.plus(STANDS));
    }
}
