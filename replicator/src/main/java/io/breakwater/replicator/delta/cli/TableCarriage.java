package io.breakwater.replicator.delta.cli;

import io.breakwater.replicator.copy.Backoff;
import io.breakwater.replicator.delta.MirroredVersion;
import io.breakwater.replicator.delta.Progress;
import io.breakwater.replicator.delta.TableMirror;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The steps of a table's mirror, one after the other, with the waits between them. For one thread; anybody may look. */
final class TableCarriage {

    private static final Duration FIRST_WAIT = Duration.ofMillis(200);

    /** How it ended. */
    sealed interface End {

        /** The replica is where it was to be. */
        record Reached(long version) implements End {}

        /** Going on would do harm. */
        record Stopped(String reason) implements End {}

        /** What was waited for did not come in time. */
        record GaveUp(String reason) implements End {}
    }

    private final TableMirror mirror;
    private final Duration patience;
    private final Consumer<MirroredVersion> versions;
    private final AtomicLong position = new AtomicLong(-1);

    /** @param versions told of each version that is complete on the target */
    TableCarriage(TableMirror mirror, Duration patience, Consumer<MirroredVersion> versions) {
        this.mirror = mirror;
        this.patience = patience;
        this.versions = versions;
    }

    /** The newest version on the target; -1 if there is none. */
    long position() {
        return position.get();
    }

    /** Goes on until the replica is at a version, or nothing newer is there. */
    End upTo(long goal) throws InterruptedException {
        int failures = 0;
        long began = System.nanoTime();
        while (true) {
            Progress progress = step();
            if (progress instanceof Progress.Stopped stopped) {
                return new End.Stopped(stopped.reason());
            }
            if (progress instanceof Progress.Waiting waiting) {
                if (System.nanoTime() - began > patience.toNanos()) {
                    return new End.GaveUp(waiting.reason());
                }
                new Backoff(FIRST_WAIT).await(++failures);
            } else {
                failures = 0;
                began = System.nanoTime();
                if (progress instanceof Progress.UpToDate || position() >= goal) {
                    return new End.Reached(position());
                }
            }
        }
    }

    /**
     * Goes on for ever.
     *
     * @param pause between two looks at a source that had nothing new
     * @param waiting told why it waits, each time the reason is another one
     * @return why it stopped
     */
    String forEver(Duration pause, Consumer<String> waiting) throws InterruptedException {
        int failures = 0;
        String told = "";
        while (true) {
            Progress progress = step();
            if (progress instanceof Progress.Stopped stopped) {
                return stopped.reason();
            }
            if (progress instanceof Progress.Waiting now) {
                if (!now.reason().equals(told)) {
                    told = now.reason();
                    waiting.accept(told);
                }
                new Backoff(FIRST_WAIT).await(Math.min(++failures, 8));
            } else {
                failures = 0;
                told = "";
                if (progress instanceof Progress.UpToDate) {
                    TimeUnit.MILLISECONDS.sleep(pause.toMillis());
                }
            }
        }
    }

    private Progress step() throws InterruptedException {
        Progress progress = mirror.advance();
        position.set(mirror.position());
        mirror.take().forEach(versions);
        return progress;
    }
}
