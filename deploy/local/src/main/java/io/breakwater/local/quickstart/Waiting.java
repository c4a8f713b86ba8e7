package io.breakwater.local.quickstart;

import io.breakwater.local.process.Progress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for something that a person should see being waited for. */
final class Waiting {

    private static final Duration REPORT_EVERY = Duration.ofSeconds(5);

    /** Asks; the answer may take a while, and ends the waiting if it is there. */
    @FunctionalInterface
    interface Question<T> {
        Optional<T> ask() throws InterruptedException;
    }

    private final Progress progress;
    private final Duration poll;

    /** @param poll the pause between two questions */
    Waiting(Progress progress, Duration poll) {
        this.progress = progress;
        this.poll = poll;
    }

    /**
     * @param what is waited for, as the line of progress and of failure names it
     * @param state how it stands now, for the same lines
     * @throws StoryFailedException after the limit
     */
    <T> T until(String what, Duration limit, Supplier<String> state, Question<T> question) throws InterruptedException {
        long began = System.nanoTime();
        long nextReport = REPORT_EVERY.toNanos();
        while (true) {
            Optional<T> answer = question.ask();
            if (answer.isPresent()) {
                return answer.get();
            }
            long waited = System.nanoTime() - began;
            if (waited > limit.toNanos()) {
                throw new StoryFailedException(
                        "waited " + limit.toSeconds() + " s in vain for " + what + ": " + state.get());
            }
            if (waited > nextReport) {
                progress.line("waiting for " + what + ", " + waited / 1_000_000_000 + " s: " + state.get());
                nextReport = waited + REPORT_EVERY.toNanos();
            }
            TimeUnit.NANOSECONDS.sleep(poll.toNanos());
        }
    }
}
