package io.breakwater.replicator.copy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CopyProgressTest {

    private final AtomicLong clock = new AtomicLong();
    private final CopyProgress progress = new CopyProgress(clock::get);

    @Test
    void timeLeftFollowsFromWhatWasMovedSoFar() {
        progress.planned(OptionalLong.of(400));
        progress.planned(OptionalLong.of(100));
        progress.skipped(100);
        progress.done();
        clock.addAndGet(Duration.ofSeconds(2).toNanos());

        progress.moved(100);

        CopyProgress.Now now = progress.now();
        assertThat(now.bytesPerSecond()).isEqualTo(50);
        assertThat(now.left()).hasValue(Duration.ofSeconds(6));
        assertThat(now.objects()).isEqualTo(2);
        assertThat(now.objectsDone()).isEqualTo(1);
        assertThat(now.bytesDone()).isEqualTo(200);
    }

    @Test
    void timeLeftIsUnknownBeforeAnythingMoved() {
        progress.planned(OptionalLong.of(400));

        assertThat(progress.now().left()).isEmpty();
    }
}
