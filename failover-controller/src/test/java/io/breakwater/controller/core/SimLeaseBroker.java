package io.breakwater.controller.core;

import io.breakwater.platform.Epoch;

/**
 * A broker with the plugin: it counts on its own monotonic clock, from before its pull, and ignores
 * answers of an older epoch. Knows nothing after a restart.
 */
final class SimLeaseBroker extends SimBroker {

    private final double clockRate;
    private Epoch seen = Epoch.FIRST;
    private Gates gates = Gates.CLOSED;
    private double validUntil = Double.NEGATIVE_INFINITY;

    /** @param clockRate seconds of its clock in a second */
    SimLeaseBroker(String region, double clockRate) {
        super(region);
        this.clockRate = clockRate;
    }

    @Override
    void kill() {
        super.kill();
        gates = Gates.CLOSED;
        seen = Epoch.FIRST;
        validUntil = Double.NEGATIVE_INFINITY;
    }

    double clock(double time) {
        return time * clockRate;
    }

    /** @param sentAt its own clock before it sent the pull */
    void take(Reply.GroupLease lease, double sentAt) {
        if (!isAlive() || lease.epoch().compareTo(seen) < 0) {
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

    @Override
    boolean acceptsWrites(double time) {
        return isAlive() && (gates.ingress() || gates.pipeline()) && clock(time) < validUntil;
    }
}
