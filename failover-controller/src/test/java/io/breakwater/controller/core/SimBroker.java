package io.breakwater.controller.core;

/** A region's only broker. Times are seconds of the simulation. */
abstract class SimBroker {

    final String region;
    private boolean alive = true;
    private boolean cutOff;

    SimBroker(String region) {
        this.region = region;
    }

    final boolean isAlive() {
        return alive;
    }

    void kill() {
        alive = false;
    }

    final void restart() {
        alive = true;
    }

    /** No controller reaches it and it reaches none, and its clients reach it. */
    final void cutOff() {
        cutOff = true;
    }

    final void reach() {
        cutOff = false;
    }

    final boolean isCutOff() {
        return cutOff;
    }

    abstract boolean acceptsWrites(double time);
}
