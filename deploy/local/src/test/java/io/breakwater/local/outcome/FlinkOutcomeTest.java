package io.breakwater.local.outcome;

import static io.breakwater.local.outcome.Events.event;
import static io.breakwater.local.outcome.Events.local;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The topic holds ids 1, 2, 5 of SFO, whose sequence number 3 was lost with the old region, and id 3 of LAX. */
class FlinkOutcomeTest {

    private static final List<StoredEvent> STORED = List.of(
            local(0, event("SFO", 1, 1)),
            local(1, event("SFO", 2, 2)),
            local(2, event("LAX", 3, 1)),
            local(3, event("SFO", 5, 4)));
    private static final AirportSummary LAX = new AirportSummary("LAX", 1, 3, 3, 3, 0);

    @Test
    void whatIsLostInTheTopicIsNoGapOfTheJob() {
        FlinkOutcome outcome = of(new AirportSummary("SFO", 3, 8, 6, 5, 0));

        assertThat(outcome).isEqualTo(new FlinkOutcome("s3://sp", 2, 0, 0, 0));
    }

    @Test
    void theStateIsComparedUpToItsOwnLastEvent() {
        FlinkOutcome outcome = of(new AirportSummary("SFO", 2, 3, 3, 2, 0));

        assertThat(outcome).isEqualTo(new FlinkOutcome("s3://sp", 2, 0, 0, 0));
        assertThat(FlinkOutcome.caughtUp(STORED, Map.of("LAX", LAX, "SFO", new AirportSummary("SFO", 2, 3, 3, 2, 0))))
                .isFalse();
    }

    @Test
    void anEventThatCameTwiceIsADuplicate() {
        assertThat(of(new AirportSummary("SFO", 3, 8, 6, 5, 1)).duplicates()).isEqualTo(1);
    }

    @Test
    void anEventThatNeverCameIsAGap() {
        assertThat(of(new AirportSummary("SFO", 2, 6, 4, 5, 0)).gaps()).isEqualTo(1);
    }

    @Test
    void otherEventsThanTheTopicsAreUnmatched() {
        assertThat(of(new AirportSummary("SFO", 3, 9, 7, 5, 0)).unmatched()).isEqualTo(1);
    }

    @Test
    void aKeyWithoutStateIsAllGaps() {
        FlinkOutcome outcome = FlinkOutcome.of("s3://sp", STORED, Map.of("LAX", LAX));

        assertThat(outcome.gaps()).isEqualTo(3);
    }

    private static FlinkOutcome of(AirportSummary sanFrancisco) {
        return FlinkOutcome.of("s3://sp", STORED, Map.of("LAX", LAX, "SFO", sanFrancisco));
    }
}
