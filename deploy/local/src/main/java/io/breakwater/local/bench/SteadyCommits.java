package io.breakwater.local.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/**
 * A table with a commit of one file at a steady rate, and how long each takes until it can be read at the target. All
 * is on the clock of this process. Not for concurrent use.
 */
final class SteadyCommits {

    static final int PER_SECOND = 5;

    private static final int BYTES = 20_000;
    private static final int WARM_UP = 10;

    private final WatchedTable table;
    private final byte[] file = new byte[BYTES];
    private long version = -1;

    private record Committed(long version, long began) {}

    SteadyCommits(WatchedTable table) {
        this.table = table;
        new Random(PER_SECOND).nextBytes(file);
    }

    /** Makes the table, empty. */
    void make() {
        version++;
        table.commit(
                version,
                new TableCommit().begin("6c2b39d8-7a5e-4ad1-8d25-6b4c2ff6f0a1").toBytes());
    }

    /** @return of each commit, how many milliseconds it took; the first ones, that warm up, are left out */
    List<Double> milliseconds(Duration measured) throws InterruptedException {
        int count = WARM_UP + Math.toIntExact(measured.toSeconds() * PER_SECOND);
        Queue<Committed> written = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(count, written));
        List<Double> lags = new ArrayList<>();
        for (int seen = 0; seen < count; ) {
            Committed next = written.poll();
            if (next == null) {
                if (writing.isCompletedExceptionally()) {
                    writing.join();
                }
                LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
            } else {
                double lag = (table.awaitReplica(next.version()) - next.began()) / 1e6;
                if (seen >= WARM_UP) {
                    lags.add(lag);
                }
                seen++;
            }
        }
        writing.join();
        return lags;
    }

    private void write(int count, Queue<Committed> written) {
        long start = System.nanoTime();
        for (int number = 0; number < count; number++) {
            long due = start + number * 1_000_000_000L / PER_SECOND;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            version++;
            String path = "part=" + version % PER_SECOND + "/part-" + version + ".bin";
            table.putFile(path, file);
            long began =
                    table.commit(version, new TableCommit().add(path, BYTES).toBytes());
            written.add(new Committed(version, began));
        }
    }
}
