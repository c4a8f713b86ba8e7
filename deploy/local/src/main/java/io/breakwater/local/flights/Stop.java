package io.breakwater.local.flights;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The sign that the workload should end, given once. Thread-safe. */
public final class Stop {

    private final CountDownLatch given = new CountDownLatch(1);

    public void give() {
        given.countDown();
    }

    public boolean isGiven() {
        return given.getCount() == 0;
    }

    /** Waits so long or until the sign is given; an interrupt counts as the sign. */
    public boolean waitFor(Duration time) {
        try {
            return given.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            give();
            return true;
        }
    }
}
