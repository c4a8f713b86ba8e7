package io.breakwater.replicator.copy.cli;

import io.breakwater.replicator.copy.CopyProgress;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Says every few seconds on standard error how far a copy has come: on a terminal in one line, with a bar. */
public final class ProgressLine implements AutoCloseable {

    private static final long EVERY_SECONDS = 2;

    /** Set by the launcher if standard error is a terminal. */
    private static final String TERMINAL = "breakwater.terminal";

    private static final int BAR = 30;
    private static final int WIDTH = 110;

    private final ScheduledExecutorService timer;

    private final boolean terminal;

    private ProgressLine(ScheduledExecutorService timer, boolean terminal) {
        this.timer = timer;
        this.terminal = terminal;
    }

    public static ProgressLine silent() {
        return new ProgressLine(daemon(), false);
    }

    public static ProgressLine of(CopyProgress progress) {
        return of(progress, () -> "");
    }

    /** @param before what the line begins with */
    public static ProgressLine of(CopyProgress progress, Supplier<String> before) {
        ScheduledExecutorService timer = daemon();
        boolean terminal = Boolean.getBoolean(TERMINAL);
        var unused = timer.scheduleAtFixedRate(
                () -> {
                    CopyProgress.Now now = progress.now();
                    String line = before.get() + text(now);
                    if (terminal) {
                        System.err.printf("\r%-" + WIDTH + "s", bar(now) + " " + line);
                    } else {
                        System.err.println(line);
                    }
                },
                EVERY_SECONDS,
                EVERY_SECONDS,
                TimeUnit.SECONDS);
        return new ProgressLine(timer, terminal);
    }

    static String bar(CopyProgress.Now now) {
        int done = now.bytes() == 0 ? 0 : (int) (BAR * Math.min(now.bytesDone(), now.bytes()) / now.bytes());
        return "[" + "#".repeat(done) + ".".repeat(BAR - done) + "]";
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
        if (terminal) {
            System.err.printf("\r%" + WIDTH + "s\r", "");
        }
    }
}
