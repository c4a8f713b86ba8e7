package io.breakwater.replicator.kafka.topics;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes of MirrorMaker's polls what one transaction takes to the standby; at a steady rate this decides the lag.
 *
 * <p>The consumer asks the source for more as soon as it has given something. So what it gives after a transaction was
 * read before that transaction, and what came in the meantime would wait for one transaction more. If a poll gives
 * little, a second one brings that. It comes after a breath, which the target's coordinator needs to end the last
 * transaction: a producer that is too fast is made to wait 20 ms by the broker
 * ({@code add.partitions.to.txn.retry.backoff.ms}).
 *
 * <p>If a poll gives much, there is more: the next transaction's records are polled on a thread of its own while those of
 * the first are written, so that neither reading nor writing waits for the other. It polls until there is little or
 * {@link #ENOUGH}. Never more than one transaction is ahead, and no two polls are made at a time. What was read ahead when
 * the task ends is read again by its successor. For one thread.
 */
final class RecordBatches implements AutoCloseable {

    /** How long a poll may wait for records: no record waits longer for another one to come. */
    static final Duration POLL = Duration.ofMillis(10);

    /** So many records take longer than a breath anyhow. */
    static final int MANY = 1_000;

    /** Bytes of records; with so many, the end of a transaction takes a small part of its time. */
    static final long ENOUGH = 8_000_000;

    private static final Duration BREATH = Duration.ofMillis(5);
    private static final Duration IDLE = Duration.ofSeconds(1);
    private static final Duration LEAST_PACE = Duration.ofMillis(1);
    private static final Duration GREATEST_PACE = Duration.ofMillis(100);

    private final Source source;
    private final ExecutorService reading = Executors.newSingleThreadExecutor(poll -> {
        Thread thread = new Thread(poll, "mirror-read-ahead");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Future<@Nullable List<SourceRecord>> ahead;
    private Duration pace = LEAST_PACE;

    /** MirrorMaker's poll. */
    interface Source {

        /** What there is now or in {@link #POLL}; null if that is nothing, or if reading failed. */
        @Nullable
        List<SourceRecord> poll();
    }

    RecordBatches(Source source) {
        this.source = source;
    }

    /** Waits for records, at most about a second; empty if none came. */
    List<SourceRecord> next() {
        long began = System.nanoTime();
        List<SourceRecord> first = awaited(began);
        if (first.size() >= MANY) {
            ahead = reading.submit(this::readAhead);
        }
        if (first.isEmpty() || first.size() >= MANY) {
            return first;
        }
        LockSupport.parkNanos(BREATH.toNanos() - (System.nanoTime() - began));
        List<SourceRecord> more = source.poll();
        if (more == null) {
            return first;
        }
        List<SourceRecord> both = new ArrayList<>(first);
        both.addAll(more);
        return both;
    }

    private List<SourceRecord> awaited(long began) {
        long now = began;
        do {
            List<SourceRecord> polled = ahead == null ? source.poll() : taken(ahead);
            if (polled != null) {
                pace = LEAST_PACE;
                return polled;
            }
            pause(System.nanoTime() - now);
            now = System.nanoTime();
        } while (now - began < IDLE.toNanos() && !Thread.currentThread().isInterrupted());
        return List.of();
    }

    /** Polls until there is little, or enough for a transaction. */
    private @Nullable List<SourceRecord> readAhead() {
        List<SourceRecord> polled = source.poll();
        if (polled == null || polled.size() < MANY || bytes(polled) >= ENOUGH) {
            return polled;
        }
        List<SourceRecord> all = new ArrayList<>(polled);
        do {
            polled = source.poll();
            if (polled != null) {
                all.addAll(polled);
            }
        } while (polled != null && polled.size() >= MANY && bytes(all) < ENOUGH);
        return all;
    }

    private static long bytes(List<SourceRecord> records) {
        return records.stream().mapToLong(MirrorGuard::bytes).sum();
    }

    private @Nullable List<SourceRecord> taken(Future<@Nullable List<SourceRecord>> poll) {
        try {
            List<SourceRecord> read = poll.get(IDLE.toNanos(), TimeUnit.NANOSECONDS);
            ahead = null;
            return read;
        } catch (TimeoutException e) {
            return null; // it goes on, and is asked for again
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException e) {
            ahead = null;
            throw e.getCause() instanceof RuntimeException failure
                    ? failure
                    : new ConnectException("reading ahead failed: " + e.getCause(), e.getCause());
        }
    }

    /** Ends the thread that reads ahead, once a poll under way has returned; for that, the source is ended first. */
    @Override
    public void close() {
        reading.shutdown();
    }

    /**
     * Nothing at once is the end of a transaction on the source, or an error, which MirrorMaker swallows: that one comes
     * back at once, for ever, but not thousands of times a second.
     */
    private void pause(long nanosOfPoll) {
        if (nanosOfPoll >= POLL.toNanos() / 2) {
            pace = LEAST_PACE;
        } else {
            LockSupport.parkNanos(pace.toNanos());
            Duration slower = pace.multipliedBy(2);
            pace = slower.compareTo(GREATEST_PACE) < 0 ? slower : GREATEST_PACE;
        }
    }
}
