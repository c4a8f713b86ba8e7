package io.breakwater.controller.core;

import java.util.PriorityQueue;
import java.util.Random;

/** The time of a simulation in seconds, and what is due when. What is due at the same time happens in its order. */
final class SimTime {

    private record Due(double at, long order, Runnable work) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Double.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Random random;
    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private double time;
    private long order;

    SimTime(Random random) {
        this.random = random;
    }

    double time() {
        return time;
    }

    /** Tells one moment from another. */
    long mark() {
        return order;
    }

    void after(double delay, Runnable work) {
        queue.add(new Due(time + delay, order++, work));
    }

    /** Again and again, not quite regularly. */
    void every(double period, Runnable work) {
        every(random.nextDouble() * period, work, period);
    }

    private void every(double delay, Runnable work, double period) {
        after(delay, () -> {
            work.run();
            every(period * (0.5 + random.nextDouble()), work, period);
        });
    }

    /** To the next thing that is due. */
    void goOn() {
        Due next = queue.remove();
        time = next.at();
        next.work().run();
    }
}
