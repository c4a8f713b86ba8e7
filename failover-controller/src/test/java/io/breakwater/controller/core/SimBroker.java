package io.breakwater.controller.core;

import io.breakwater.platform.Epoch;

/**
 * A region's broker as the lease sees it: it counts on its own monotonic clock, from before its pull, and ignores
 * answers of an older epoch. Knows nothing after a restart.
 */
final class SimBroker {

    final String region;
    private final double clockRate;
    private boolean alive = true;
    private boolean cutOff;
    private Epoch seen = Epoch.FIRST;
    private Gates gates = Gates.CLOSED;
    private double validUntil = Double.NEGATIVE_INFINITY;

    /** @param clockRate seconds of its clock in a second */
    SimBroker(String region, double clockRate) {
        this.region = region;
        this.clockRate = clockRate;
    }

    boolean isAlive() {
        return alive;
    }

    void kill() {
        alive = false;
        gates = Gates.CLOSED;
        seen = Epoch.FIRST;
        validUntil = Double.NEGATIVE_INFINITY;
    }

    /** It reaches no controller, and its clients reach it. */
    void cutOff() {
        cutOff = true;
    }

    void reach() {
        cutOff = false;
    }

    boolean isCutOff() {
        return cutOff;
    }

    void restart() {
        alive = true;
    }

    double clock(double time) {
        return time * clockRate;
    }

    /** @param sentAt its own clock before it sent the pull */
    void take(Reply.GroupLease lease, double sentAt) {
        if (!alive || lease.epoch().compareTo(seen) < 0) {
            return;
        }
        double until = sentAt + lease.leaseMillis() / 1000.0;
        if (lease.epoch().equals(seen) && until < validUntil) {
            return;
        }
        seen = lease.epoch();
        gates = new Gates(lease.ingress(), lease.pipeline());
        validUntil = until;
    }

    boolean acceptsWrites(double time) {
        return alive && (gates.ingress() || gates.pipeline()) && clock(time) < validUntil;
    }
}
