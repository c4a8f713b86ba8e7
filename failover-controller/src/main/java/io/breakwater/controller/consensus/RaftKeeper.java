package io.breakwater.controller.consensus;

import io.breakwater.controller.consensus.RaftHealth.Cause;
import io.breakwater.controller.core.ControlState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends this node's Raft server before its log cannot be written, or when it has failed; says so, and starts it again once
 * that can work. Left alone, Ratis keeps a server whose log has failed: as a leader it goes on to lead, with entries
 * that only the others hold.
 *
 * <p>Thread-safe. One thread of its own looks every second; only it ends and starts the server, so that a node has one
 * server at most.
 */
public final class RaftKeeper implements AutoCloseable {

    /** With less, the server is ended: some segments of the log, a snapshot and the evidence log need room. */
    public static final long LEAST_FREE_BYTES = 16L << 20;

    /** With so much, it is started again. More than the least, so that it does not go to and fro. */
    public static final long FREE_AGAIN_BYTES = 2 * LEAST_FREE_BYTES;

    /** What is counted as a pause: after it, a Ratis leader steps down. After a minute, Ratis ends its server. */
    public static final Duration LONG_PAUSE = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(RaftKeeper.class);
    private static final long LOOK_MILLIS = 1000;
    private static final Duration START_AGAIN = Duration.ofSeconds(2);
    private static final Duration PAUSE_IS_THE_CAUSE = Duration.ofSeconds(30);
    private static final Duration HEALED = Duration.ofMinutes(10);
    private static final long JOIN_MILLIS = 15_000;

    /** How often it is started again after other failures than a full disk, until it has served for ten minutes. */
    static final int STARTS = 5;

    /** Starts the server. */
    @FunctionalInterface
    public interface Starter {
        /** @throws IOException if its log cannot be read, or its port is in use */
        RaftNode start(LeadershipListener leadership) throws IOException;
    }

    private final String id;
    private final Path directory;
    private final FreeSpace space;
    private final Starter starter;
    private final LeadershipListener leadership;
    private final Clock clock;
    private final Thread thread;
    private final Semaphore wake = new Semaphore(0);
    private volatile Optional<RaftNode> node = Optional.empty();
    private volatile ControlState last = ControlState.EMPTY;
    private volatile RaftHealth health = new RaftHealth.Serving();
    private volatile Pauses pauses = new Pauses(0, Duration.ZERO);

    private record Pauses(int count, Duration longest) {
        Pauses and(Duration pause) {
            return new Pauses(count + 1, longest.compareTo(pause) < 0 ? pause : longest);
        }
    }

    /** Of the thread that keeps it, except at the start. */
    private @Nullable Generation generation;

    private long pausedAt;
    private long changedAt = System.nanoTime();
    private int starts;

    private RaftKeeper(
            String id, Path directory, FreeSpace space, Starter starter, LeadershipListener leadership, Clock clock) {
        this.id = id;
        this.directory = directory;
        this.space = space;
        this.starter = starter;
        this.leadership = leadership;
        this.clock = clock;
        this.thread = new Thread(this::keep, "raft-keeper-" + id);
        thread.setDaemon(true);
    }

    /**
     * Starts the server, or only the watch if there is no room for its log yet.
     *
     * @param directory of the log, for messages
     * @param leadership hears of leadership; {@code ended} means that it is not started again
     * @throws IOException as {@link Starter}
     */
    public static RaftKeeper start(
            String id, Path directory, FreeSpace space, Starter starter, LeadershipListener leadership, Clock clock)
            throws IOException {
        RaftKeeper keeper = new RaftKeeper(id, directory, space, starter, leadership, clock);
        OptionalLong free = space.bytes();
        if (isBelow(free, LEAST_FREE_BYTES)) {
            keeper.say(keeper.diskFull(free, ""));
        } else {
            keeper.open();
        }
        keeper.thread.start();
        return keeper;
    }

    /** Listens to one server, until the next one is started. */
    private final class Generation implements LeadershipListener {

        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private volatile boolean retired;

        @Override
        public void leads() {
            if (!retired) {
                leadership.leads();
            }
        }

        @Override
        public void follows() {
            if (!retired) {
                leadership.follows();
            }
        }

        @Override
        public void ended() {
            fail(new IOException("the Raft server ended by itself"));
        }

        @Override
        public void logFailed(Throwable why) {
            fail(why);
        }

        private void fail(Throwable why) {
            follows();
            if (!retired && failure.compareAndSet(null, why)) {
                wake.release();
            }
        }
    }

    private void open() throws IOException {
        Generation next = new Generation();
        node = Optional.of(starter.start(next));
        generation = next;
        health = new RaftHealth.Serving();
        changedAt = System.nanoTime();
    }

    /** The server, if it runs. */
    public Optional<RaftNode> node() {
        return node;
    }

    /** As applied here; as it was last while the server is ended. */
    public ControlState state() {
        return node.map(RaftNode::state).orElse(last);
    }

    public RaftVitals vitals() {
        return new RaftVitals(health, space.bytes(), pauses.count(), pauses.longest());
    }

    private void keep() {
        long looked = System.nanoTime();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                wake.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                wake.drainPermits();
                Duration pause = since(looked);
                if (pause.compareTo(LONG_PAUSE) >= 0) {
                    paused(pause);
                }
                if (!look()) {
                    return;
                }
                looked = System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void paused(Duration pause) {
        pausedAt = System.nanoTime();
        pauses = pauses.and(pause);
        LOG.warn(
                "node={} the process stood still for {} s: a leader steps down after {} s. Look for a stopped or frozen"
                        + " machine, swapping, or a garbage collector without memory",
                id,
                pause.toSeconds(),
                LONG_PAUSE.toSeconds());
    }

    /** @return false if it is given up */
    private boolean look() throws InterruptedException {
        OptionalLong free = space.bytes();
        Generation current = generation;
        if (current == null) {
            return startAgain(free);
        }
        Throwable failure = current.failure.get();
        if (failure != null) {
            stop(current, cause(free, failure));
        } else if (isBelow(free, LEAST_FREE_BYTES)) {
            stop(current, diskFull(free, ""));
        } else if (since(changedAt).compareTo(HEALED) >= 0) {
            starts = 0;
        }
        return true;
    }

    private RaftHealth.Stopped cause(OptionalLong free, Throwable failure) {
        if (isBelow(free, LEAST_FREE_BYTES)) {
            return diskFull(free, "; " + failure);
        }
        if (pausedAt != 0 && since(pausedAt).compareTo(PAUSE_IS_THE_CAUSE) < 0) {
            return stopped(
                    Cause.STOOD_STILL,
                    "the process stood still for up to " + pauses.longest().toSeconds()
                            + " s, and Ratis ended its server",
                    "it is started again by itself; look for a stopped or frozen machine, swapping, or a garbage"
                            + " collector without memory");
        }
        return stopped(
                Cause.LOG_FAILED,
                "the Raft log in " + directory + " failed: " + failure,
                "it is started again up to " + STARTS + " times; if that does not help, look at the disk, and see"
                        + " 'A damaged log' in consensus.md");
    }

    private RaftHealth.Stopped diskFull(OptionalLong free, String more) {
        return stopped(
                Cause.DISK_FULL,
                "the disk of " + directory + " has " + free.orElse(0) + " bytes left, fewer than " + LEAST_FREE_BYTES
                        + more,
                "free at least " + FREE_AGAIN_BYTES + " bytes there; the node then goes on by itself");
    }

    private RaftHealth.Stopped stopped(Cause cause, String why, String remedy) {
        return new RaftHealth.Stopped(cause, clock.instant(), why, remedy);
    }

    private void stop(Generation ended, RaftHealth.Stopped why) {
        say(why);
        ended.retired = true;
        generation = null;
        leadership.follows();
        close(node);
        changedAt = System.nanoTime();
    }

    private void say(RaftHealth.Stopped why) {
        health = why;
        LOG.error(
                "node={} takes no part in consensus, cause={}: {}. Remedy: {}",
                id,
                why.cause().id(),
                why.why(),
                why.remedy());
    }

    private void close(Optional<RaftNode> ended) {
        ended.ifPresent(raft -> {
            last = raft.state();
            node = Optional.empty();
            try {
                raft.close();
            } catch (IOException | RuntimeException e) {
                // What has failed often does not end well either; that its port and its lock are free shows at the
                // start.
                LOG.warn("node={} the Raft server did not end well", id, e);
            }
        });
    }

    private boolean startAgain(OptionalLong free) {
        RaftHealth now = health;
        boolean full = now instanceof RaftHealth.Stopped stopped && stopped.cause() == Cause.DISK_FULL;
        if (full ? isBelow(free, FREE_AGAIN_BYTES) : since(changedAt).compareTo(START_AGAIN) < 0) {
            return true;
        }
        if (!full && starts >= STARTS) {
            LOG.error("node={} was started again {} times: given up", id, starts);
            leadership.ended();
            return false;
        }
        starts += full ? 0 : 1;
        changedAt = System.nanoTime();
        try {
            open();
            LOG.info("node={} takes part in consensus again", id);
        } catch (IOException | RuntimeException e) {
            LOG.warn("node={} the Raft server does not start", id, e);
            if (full) {
                health = stopped(
                        Cause.LOG_FAILED,
                        "the Raft log in " + directory + " cannot be used: " + e.getMessage(),
                        "see 'A damaged log' in consensus.md");
            }
        }
        return true;
    }

    private static boolean isBelow(OptionalLong free, long bytes) {
        // A file system that does not say is no reason to end what runs: a log that fails still says so itself.
        return free.isPresent() && free.getAsLong() < bytes;
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    /** Ends the server for good; waits some seconds at most. */
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Generation current = generation;
        if (current != null) {
            current.retired = true;
        }
        close(node);
    }
}
