package io.breakwater.controller.signal;

import io.breakwater.controller.core.Verdict;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes one signal on a thread of its own and feeds its breaker. A probe that takes longer than it may is counted at
 * its limit by the ticking thread and interrupted; while it goes on, no other is begun, and each further limit counts
 * again. So a hanging probe costs one thread and delays nobody.
 *
 * <p>A reading that comes much too late although the ticking thread did not count it means that this process stood
 * still, not the component: it counts as unknown.
 */
final class SignalProbe implements AutoCloseable {

    private static final SignalReading STOOD_STILL =
            new SignalReading.Unknown("this node stood still during the probe");

    private static final SignalReading ITSELF_FAILED = new SignalReading.Unknown("the probe itself failed");

    private static final Logger LOG = LoggerFactory.getLogger(SignalProbe.class);

    /** What the verdict is, and since when. */
    private record Standing(Verdict verdict, Instant since) {}

    /** The newest reading. */
    private record Observed(SignalReading reading, long at) {}

    /** One probe: whoever settles it first, the worker or the ticking thread, counts it. */
    private static final class Attempt {
        private final long beganAt;
        private final AtomicBoolean settled = new AtomicBoolean();
        private long countedAt;
        private volatile @Nullable Thread thread;
        private volatile boolean ended;

        private Attempt(long beganAt) {
            this.beganAt = beganAt;
            this.countedAt = beganAt;
        }

        private boolean settle() {
            return settled.compareAndSet(false, true);
        }
    }

    private final HealthSignal signal;
    private final boolean counts;
    private final Clock clock;
    private final ProbeSettings settings;
    private final CircuitBreaker breaker;
    private final ThreadPoolExecutor worker;
    private final SignalReading noAnswer;
    private final AtomicLong readings = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong slow = new AtomicLong();
    private final AtomicLong transitions = new AtomicLong();
    private volatile @Nullable Observed newest;
    private volatile SignalHistory.@Nullable Trouble lastTrouble;
    private volatile Standing standing;
    private @Nullable Attempt current;

    /** @param counts whether the signal's class counts for the region's verdict */
    SignalProbe(String region, HealthSignal signal, boolean counts, ProbeSettings all, Clock clock) {
        this.signal = signal;
        this.counts = counts;
        this.clock = clock;
        this.settings = all.every(signal.every());
        this.standing = new Standing(Verdict.UNKNOWN, clock.instant());
        this.breaker = CircuitBreaker.of(region + "/" + signal.id(), settings.breaker());
        this.breaker.getEventPublisher().onStateTransition(event -> transitions.incrementAndGet());
        this.noAnswer = signal.noAnswer(settings.limit());
        this.worker = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), task -> {
            Thread thread = new Thread(task, "signal-" + region + "-" + signal.id());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Called by the ticking thread only, some times within each interval.
     *
     * @param late whether this process stood still since the last tick, so that no waiting can be held against anybody
     */
    void tick(long now, boolean late) {
        Verdict verdict = verdict(breaker.getState(), now);
        if (verdict != standing.verdict) {
            standing = new Standing(verdict, clock.instant());
        }
        Attempt attempt = current;
        if (attempt != null && !attempt.ended) {
            if (late) {
                attempt.countedAt = now;
                excuse(attempt);
            } else if (now - attempt.countedAt >= settings.limit().toNanos()) {
                attempt.countedAt = now;
                countHanging(attempt, now);
            }
            return;
        }
        boolean due =
                attempt == null || now - attempt.beganAt >= settings.interval().toNanos();
        if (due && breaker.tryAcquirePermission()) {
            Attempt next = new Attempt(now);
            current = next;
            worker.execute(() -> run(next));
        }
    }

    private void excuse(Attempt attempt) {
        if (attempt.settle()) {
            count(STOOD_STILL, 0);
        }
    }

    private void countHanging(Attempt attempt, long now) {
        if (attempt.settle() || breaker.tryAcquirePermission()) {
            count(noAnswer, now - attempt.beganAt);
        }
        Thread thread = attempt.thread;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run(Attempt attempt) {
        attempt.thread = Thread.currentThread();
        try {
            SignalReading reading = signal.probe();
            long took = System.nanoTime() - attempt.beganAt;
            if (attempt.settle()) {
                count(took > 2 * settings.limit().toNanos() ? STOOD_STILL : reading, took);
            }
        } catch (InterruptedException e) {
            // The ticking thread has counted it, or the probes are being closed.
            if (attempt.settle()) {
                breaker.releasePermission();
            }
        } catch (RuntimeException e) {
            // Clients that are interrupted throw whatever they like: that probe has been counted.
            if (attempt.settle()) {
                LOG.warn("probe {} failed", breaker.getName(), e);
                count(ITSELF_FAILED, 0);
            }
        } finally {
            if (attempt.settle()) {
                count(ITSELF_FAILED, 0);
            }
            attempt.thread = null;
            attempt.ended = true;
        }
    }

    private void count(SignalReading reading, long took) {
        newest = new Observed(reading, System.nanoTime());
        readings.incrementAndGet();
        if (took >= settings.slowAfter().toNanos()) {
            slow.incrementAndGet();
        }
        remember(reading);
        if (reading instanceof SignalReading.Healthy) {
            breaker.onSuccess(took, TimeUnit.NANOSECONDS);
        } else if (reading instanceof SignalReading.Unhealthy unhealthy) {
            breaker.onError(took, TimeUnit.NANOSECONDS, new UnhealthyReadingException(unhealthy.reason()));
        } else {
            breaker.releasePermission();
        }
    }

    private void remember(SignalReading reading) {
        if (reading instanceof SignalReading.Unhealthy unhealthy) {
            failures.incrementAndGet();
            lastTrouble = new SignalHistory.Trouble(clock.instant(), unhealthy.reason());
        } else if (reading instanceof SignalReading.Unknown unknown) {
            lastTrouble = new SignalHistory.Trouble(clock.instant(), unknown.reason());
        } else if (reading instanceof SignalReading.NotPermitted refused) {
            lastTrouble = new SignalHistory.Trouble(clock.instant(), refused.reason());
        }
    }

    SignalAssessment assess(long now) {
        CircuitBreaker.State state = breaker.getState();
        Verdict verdict = verdict(state, now);
        Standing stands = standing;
        SignalHistory history = new SignalHistory(
                verdict == stands.verdict ? stands.since : clock.instant(),
                Optional.ofNullable(lastTrouble),
                readings.get(),
                failures.get(),
                slow.get(),
                transitions.get());
        Observed observed = newest;
        boolean asked = observed == null || !(observed.reading instanceof SignalReading.NotPermitted);
        return new SignalAssessment(
                signal.id(),
                signal.signalClass(),
                counts && asked,
                verdict,
                state.name(),
                detail(state, observed, now),
                history);
    }

    private Verdict verdict(CircuitBreaker.State state, long now) {
        Observed observed = newest;
        if (observed == null
                || isStale(observed, now)
                || observed.reading instanceof SignalReading.Unknown
                || observed.reading instanceof SignalReading.NotPermitted) {
            return Verdict.UNKNOWN;
        }
        if (state != CircuitBreaker.State.CLOSED) {
            return Verdict.DOWN;
        }
        return observed.reading instanceof SignalReading.Healthy ? Verdict.UP : Verdict.UNKNOWN;
    }

    /** While a breaker is open nothing is read, so its waiting time is no silence. */
    private boolean isStale(Observed observed, long now) {
        return now - observed.at
                > settings.window()
                        .plus(settings.openForMost())
                        .plus(settings.limit())
                        .toNanos();
    }

    private String detail(CircuitBreaker.State state, @Nullable Observed observed, long now) {
        if (observed == null) {
            return "not probed yet";
        }
        if (isStale(observed, now)) {
            return "no reading for " + TimeUnit.NANOSECONDS.toSeconds(now - observed.at) + " s";
        }
        if (observed.reading instanceof SignalReading.Unhealthy unhealthy) {
            return unhealthy.reason();
        }
        if (observed.reading instanceof SignalReading.Unknown unknown) {
            return unknown.reason();
        }
        if (observed.reading instanceof SignalReading.NotPermitted refused) {
            return refused.reason();
        }
        return state == CircuitBreaker.State.CLOSED ? "" : "answers too slowly, or has only begun to answer again";
    }

    @Override
    public void close() {
        worker.shutdownNow();
        signal.close();
    }
}
