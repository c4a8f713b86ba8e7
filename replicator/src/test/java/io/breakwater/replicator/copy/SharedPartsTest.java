package io.breakwater.replicator.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedPartsTest {

    private static final int NONE = Integer.MAX_VALUE;

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final Set<Integer> done = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        pool.shutdownNow();
    }

    /** What comes after the failing part lasts until the failure is told: no thread can run ahead of it. */
    private SharedParts.Work work(int failing) {
        CountDownLatch told = new CountDownLatch(1);
        return new SharedParts.Work() {
            @Override
            public void part(int number) throws IOException, InterruptedException {
                if (number == failing) {
                    throw new IOException("part " + number);
                }
                if (number > failing && !told.await(60, TimeUnit.SECONDS)) {
                    throw new IOException("part " + number + " was not told of the failure");
                }
                done.add(number);
            }

            @Override
            public void ended() {
                done.add(-1);
                told.countDown();
            }
        };
    }

    @Test
    void theCallerDoesAllIfNoThreadIsFree() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < 2; i++) {
            pool.execute(() -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        SharedParts.run(5, 3, pool, work(NONE));

        assertThat(done).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
        end.countDown();
    }

    @Test
    void aPartThatFailsEndsTheOthers() {
        assertThatThrownBy(() -> SharedParts.run(1000, 3, pool, work(2)))
                .isInstanceOf(IOException.class)
                .hasMessage("part 2");
        assertThat(done)
                .as("three threads began with part 4 at most")
                .contains(-1, 1)
                .isSubsetOf(-1, 1, 3, 4);
    }
}
