package io.breakwater.replicator.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedPartsTest {

    private final ExecutorService pool = Executors.newFixedThreadPool(2);
    private final Set<Integer> done = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        pool.shutdownNow();
    }

    private SharedParts.Work work(int failing) {
        return new SharedParts.Work() {
            @Override
            public void part(int number) throws IOException {
                if (number == failing) {
                    throw new IOException("part " + number);
                }
                done.add(number);
            }

            @Override
            public void ended() {
                done.add(-1);
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

        SharedParts.run(5, 3, pool, work(0));

        assertThat(done).containsExactlyInAnyOrder(1, 2, 3, 4, 5);
        end.countDown();
    }

    @Test
    void aPartThatFailsEndsTheOthers() {
        assertThatThrownBy(() -> SharedParts.run(1000, 3, pool, work(2)))
                .isInstanceOf(IOException.class)
                .hasMessage("part 2");
        assertThat(done).contains(-1).hasSizeLessThan(1000);
    }
}
