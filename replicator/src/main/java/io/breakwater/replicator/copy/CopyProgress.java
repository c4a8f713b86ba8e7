package io.breakwater.replicator.copy;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** How far copying has come. Thread-safe; a copier writes it, anybody may look. */
public final class CopyProgress {

    private final LongSupplier nanoTime;
    private final long began;
    private final LongAdder objects = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder objectsDone = new LongAdder();
    private final LongAdder bytesDone = new LongAdder();
    private final LongAdder bytesMoved = new LongAdder();

    public CopyProgress() {
        this(System::nanoTime);
    }

    CopyProgress(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
    }

    /**
     * @param bytes of the objects whose size was known
     * @param bytesDone of those that have an outcome, and of parts that arrived
     * @param bytesPerSecond that were moved, since the begin
     * @param left empty before anything was moved
     */
    public record Now(
            long objects,
            long objectsDone,
            long bytes,
            long bytesDone,
            double bytesPerSecond,
            Duration since,
            Optional<Duration> left) {}

    void planned(OptionalLong size) {
        objects.increment();
        bytes.add(size.orElse(0));
    }

    void moved(long count) {
        bytesMoved.add(count);
        bytesDone.add(count);
    }

    void skipped(long count) {
        bytesDone.add(count);
    }

    void done() {
        objectsDone.increment();
    }

    public Now now() {
        Duration since = Duration.ofNanos(Math.max(1, nanoTime.getAsLong() - began));
        double perSecond = bytesMoved.sum() * 1e9 / since.toNanos();
        long left = Math.max(0, bytes.sum() - bytesDone.sum());
        Optional<Duration> timeLeft =
                perSecond > 0 ? Optional.of(Duration.ofMillis((long) (left * 1000 / perSecond))) : Optional.empty();
        return new Now(objects.sum(), objectsDone.sum(), bytes.sum(), bytesDone.sum(), perSecond, since, timeLeft);
    }
}
