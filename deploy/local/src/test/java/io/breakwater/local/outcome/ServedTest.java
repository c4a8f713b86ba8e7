package io.breakwater.local.outcome;

import static io.breakwater.local.outcome.Events.PARTITION;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.Journals;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServedTest {

    private static final Instant KILLED = Instant.ofEpochMilli(1_000);

    @Test
    void theLastOfTheFourCounts() {
        Served served = Served.in("west", journals("s3://sp"));

        assertThat(served.seconds(KILLED)).hasValue(5.0);
    }

    @Test
    void aJobThatWasNotRestoredDoesNotCount() {
        Served served = Served.in("west", journals(""));

        assertThat(served.seconds(KILLED)).isEmpty();
    }

    @Test
    void theRegionThatWasLeftDoesNotCount() {
        assertThat(Served.in("east", journals("s3://sp")).all()).isEmpty();
    }

    private static Journals journals(String restoredFrom) {
        return new Journals(
                List.of(
                        new Entry.Acknowledged("east", 1, PARTITION, 0, 500, 500),
                        new Entry.Acknowledged("west", 2, PARTITION, 4, 3_900, 4_000),
                        new Entry.Acknowledged("west", 3, PARTITION, 5, 6_900, 7_000)),
                List.of(new Entry.Processed("west", 2, PARTITION, 4, 4_500)),
                List.of(),
                List.of(),
                List.of(new Entry.TableCommit("west", 9, 10, 5_000)),
                List.of(new Entry.JobCheckpoint("west", "a", restoredFrom, 4, 5_500, 6_000)));
    }
}
