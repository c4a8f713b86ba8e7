package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LastStableOffsetsTest {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final LastStableOffsets offsets = new LastStableOffsets(LIMIT);

    @Test
    void aPartitionThatStandsStillBehindATransactionIsTold() {
        offsets.stalled(Map.of(3, 50L, 4, 50L), Map.of(3, 60L, 4, 50L), NOW);

        assertThat(offsets.stalled(Map.of(3, 50L, 4, 50L), Map.of(3, 90L, 4, 50L), NOW.plus(LIMIT)))
                .containsExactly(3);
    }

    @Test
    void oneThatMovesIsNot() {
        offsets.stalled(Map.of(3, 50L), Map.of(3, 60L), NOW);

        assertThat(offsets.stalled(Map.of(3, 51L), Map.of(3, 90L), NOW.plus(LIMIT)))
                .isEmpty();
    }

    @Test
    void oneThatWasAtItsEndInBetweenBeginsAnew() {
        offsets.stalled(Map.of(3, 50L), Map.of(3, 60L), NOW);
        offsets.stalled(Map.of(3, 60L), Map.of(3, 60L), NOW.plusSeconds(5));
        offsets.stalled(Map.of(3, 60L), Map.of(3, 70L), NOW.plusSeconds(6));

        assertThat(offsets.stalled(Map.of(3, 60L), Map.of(3, 70L), NOW.plusSeconds(15)))
                .isEmpty();
        assertThat(offsets.stalled(Map.of(3, 60L), Map.of(3, 70L), NOW.plusSeconds(16)))
                .containsExactly(3);
    }
}
