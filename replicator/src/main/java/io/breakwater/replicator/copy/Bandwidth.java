package io.breakwater.replicator.copy;

import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** A limit in bytes a second over all threads of a copier. Thread-safe. */
final class Bandwidth {

    private final OptionalLong bytesPerSecond;
    private long free = System.nanoTime();

    Bandwidth(OptionalLong bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Waits for the turn of so many bytes: until those that were granted before have had their time. */
    void take(long bytes) throws InterruptedException {
        if (bytesPerSecond.isEmpty()) {
            return;
        }
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            long turn = free - now > 0 ? free : now;
            wait = turn - now;
            free = turn + (long) (bytes * 1e9 / bytesPerSecond.getAsLong());
        }
        TimeUnit.NANOSECONDS.sleep(wait);
    }
}
