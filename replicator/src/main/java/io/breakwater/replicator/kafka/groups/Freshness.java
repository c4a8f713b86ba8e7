package io.breakwater.replicator.kafka.groups;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * How old positions were when they reached the standby: from the commit, by the source's clock, until the standby had
 * the translated position, by this process's clock. So it is as good as the two clocks agree. A transactional commit
 * counts from when it was sent, so the rest of its transaction is in it.
 *
 * <p>Any thread reads, one adds. Bounded by {@link #KEPT} samples of the past {@link #SPAN}.
 */
public final class Freshness {

    public static final Duration SPAN = Duration.ofMinutes(1);

    static final int KEPT = 10_000;

    private final Deque<Sample> samples = new ArrayDeque<>();

    private record Sample(Instant at, Duration age) {}

    /** @param count of samples that it is over */
    public record Summary(int count, Duration last, Duration median, Duration p99, Duration max) {

        @Override
        public String toString() {
            return "positions=" + count + " last=" + last + " p50=" + median + " p99=" + p99 + " max=" + max;
        }
    }

    synchronized void add(Instant committedAt, Instant writtenAt) {
        Duration age = Duration.between(committedAt, writtenAt);
        samples.addLast(new Sample(writtenAt, age.isNegative() ? Duration.ZERO : age));
        if (samples.size() > KEPT) {
            samples.removeFirst();
        }
    }

    /** Of the time span before {@code now}; empty if no position was written in it. */
    public synchronized Optional<Summary> summary(Instant now) {
        while (!samples.isEmpty() && samples.getFirst().at().isBefore(now.minus(SPAN))) {
            samples.removeFirst();
        }
        if (samples.isEmpty()) {
            return Optional.empty();
        }
        Duration[] sorted = samples.stream().map(Sample::age).sorted().toArray(Duration[]::new);
        return Optional.of(new Summary(
                sorted.length,
                samples.getLast().age(),
                sorted[sorted.length / 2],
                sorted[(sorted.length * 99 - 1) / 100],
                sorted[sorted.length - 1]));
    }
}
