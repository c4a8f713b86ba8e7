package io.breakwater.replicator.copy.cli;

import io.breakwater.replicator.copy.CopyProgress;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Says every few seconds on standard error how far a copy has come. */
final class ProgressLine implements AutoCloseable {

    private static final long EVERY_SECONDS = 2;

    private final ScheduledExecutorService timer;

    private ProgressLine(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    static ProgressLine silent() {
        return new ProgressLine(daemon());
    }

    static ProgressLine of(CopyProgress progress) {
        ScheduledExecutorService timer = daemon();
        var unused = timer.scheduleAtFixedRate(
                () -> System.err.println(text(progress.now())), EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
        return new ProgressLine(timer);
    }

    private static ScheduledExecutorService daemon() {
        return Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "progress");
            thread.setDaemon(true);
            return thread;
        });
    }

    static String text(CopyProgress.Now now) {
        return String.format(
                Locale.ROOT,
                "%d of %d objects, %.0f of %.0f MB, %.1f MB/s, %s left",
                now.objectsDone(),
                now.objects(),
                now.bytesDone() / 1e6,
                now.bytes() / 1e6,
                now.bytesPerSecond() / 1e6,
                now.left().map(left -> left.toSeconds() + " s").orElse("unknown time"));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
