package io.breakwater.replicator.copy;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The waits between attempts: doubled each time, halved at random so that copies that failed together part. */
public record Backoff(Duration first) {

    private static final int MOST_DOUBLINGS = 10;

    /** @param attempt that has failed, from 1 on */
    public void await(int attempt) throws InterruptedException {
        long longest =
                first.multipliedBy(1L << Math.min(attempt - 1, MOST_DOUBLINGS)).toMillis();
        TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
    }
}
