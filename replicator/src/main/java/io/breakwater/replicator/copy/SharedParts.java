package io.breakwater.replicator.copy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Parts that several threads take one after the other. The caller works too, so that it ends also if no thread of the
 * pool ever becomes free; a helper that comes late finds nothing left to do.
 */
final class SharedParts implements Runnable {

    /** What is done with a part. */
    interface Work {
        void part(int number) throws IOException, InterruptedException;

        /** A part has failed; those that wait for others should not. */
        void ended();
    }

    private final int parts;
    private final Work work;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    private SharedParts(int parts, Work work) {
        this.parts = parts;
        this.work = work;
    }

    /** Returns when all are done, or one has failed and no thread works any more. */
    static void run(int parts, int threads, ExecutorService pool, Work work) throws IOException, InterruptedException {
        SharedParts shared = new SharedParts(parts, work);
        List<Helper> helpers = new ArrayList<>();
        for (int i = 1; i < Math.min(threads, parts); i++) {
            Helper helper = new Helper(shared);
            helpers.add(helper);
            pool.execute(helper);
        }
        shared.run();
        for (Helper helper : helpers) {
            helper.awaitUnlessUnbegun();
        }
        shared.rethrow();
    }

    @Override
    public void run() {
        while (failure.get() == null) {
            int number = next.incrementAndGet();
            if (number > parts) {
                return;
            }
            try {
                work.part(number);
            } catch (IOException | RuntimeException | InterruptedException e) {
                failure.compareAndSet(null, e);
                work.ended();
            }
        }
    }

    private void rethrow() throws IOException, InterruptedException {
        Exception failed = failure.get();
        if (failed instanceof IOException e) {
            throw e;
        }
        if (failed instanceof InterruptedException e) {
            throw e;
        }
        if (failed instanceof RuntimeException e) {
            throw e;
        }
    }

    private static final class Helper implements Runnable {

        private final Runnable work;
        private final AtomicBoolean taken = new AtomicBoolean();
        private final CountDownLatch done = new CountDownLatch(1);

        Helper(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            if (taken.compareAndSet(false, true)) {
                try {
                    work.run();
                } finally {
                    done.countDown();
                }
            }
        }

        void awaitUnlessUnbegun() throws InterruptedException {
            if (!taken.compareAndSet(false, true)) {
                done.await();
            }
        }
    }
}
