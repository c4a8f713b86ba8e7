package io.breakwater.controller.signal;

import java.time.Duration;

/**
 * Looks at one component of one region. An open set: {@link StandardSignals} lists those that come with Breakwater.
 *
 * <p>{@link #probe} is called by one thread at a time; it may block, is interrupted when it takes longer than it may,
 * and then its answer no longer counts. It never throws for what the component does or does not do.
 */
public interface HealthSignal extends AutoCloseable {

    /** Unique in its region, in the form of {@code kafka-metadata}. */
    String id();

    /** Signals of one class tend to fail together; a verdict of DOWN rests on two classes (rule 4). */
    String signalClass();

    SignalReading probe() throws InterruptedException;

    /** At least so long from the beginning of one probe to the next: for what is dear to ask. */
    default Duration every() {
        return Duration.ZERO;
    }

    /** What it means that a probe took longer than it may. */
    default SignalReading noAnswer(Duration within) {
        return new SignalReading.Unhealthy("no answer within " + within.toMillis() + " ms");
    }

    /** Ends its clients without waiting for long. */
    @Override
    void close();
}
