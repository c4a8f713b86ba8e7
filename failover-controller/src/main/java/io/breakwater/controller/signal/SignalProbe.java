package io.breakwater.controller.signal;

import io.breakwater.controller.core.Verdict;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private final ProbeSettings settings;
    private final CircuitBreaker breaker;
    private final ThreadPoolExecutor worker;
    private final SignalReading.Unhealthy noAnswer;
    private volatile @Nullable Observed newest;
    private @Nullable Attempt current;

    SignalProbe(String region, HealthSignal signal, ProbeSettings settings) {
        this.signal = signal;
        this.settings = settings;
        this.breaker = CircuitBreaker.of(region + "/" + signal.id(), settings.breaker());
        this.noAnswer = new SignalReading.Unhealthy(
                "no answer within " + settings.limit().toMillis() + " ms");
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
        if (reading instanceof SignalReading.Healthy) {
            breaker.onSuccess(took, TimeUnit.NANOSECONDS);
        } else if (reading instanceof SignalReading.Unhealthy unhealthy) {
            breaker.onError(took, TimeUnit.NANOSECONDS, new UnhealthyReadingException(unhealthy.reason()));
        } else {
            breaker.releasePermission();
        }
    }

    SignalAssessment assess(long now) {
        CircuitBreaker.State state = breaker.getState();
        return new SignalAssessment(
                signal.id(), signal.signalClass(), verdict(state, now), state.name(), detail(newest, now));
    }

    private Verdict verdict(CircuitBreaker.State state, long now) {
        Observed observed = newest;
        if (observed == null || isStale(observed, now) || observed.reading instanceof SignalReading.Unknown) {
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
                        .plus(settings.openFor())
                        .plus(settings.limit())
                        .toNanos();
    }

    private String detail(@Nullable Observed observed, long now) {
        if (observed == null) {
            return "not probed yet";
        }
        if (isStale(observed, now)) {
            return "no reading for " + TimeUnit.NANOSECONDS.toSeconds(now - observed.at) + " s";
        }
        if (observed.reading instanceof SignalReading.Unhealthy unhealthy) {
            return unhealthy.reason();
        }
        return observed.reading instanceof SignalReading.Unknown unknown ? unknown.reason() : "";
    }

    @Override
    public void close() {
        worker.shutdownNow();
        signal.close();
    }
}
