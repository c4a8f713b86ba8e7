package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.replicator.kafka.groups.Freshness.Summary;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FreshnessTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final Freshness freshness = new Freshness();

    @Test
    void sumsUpThePastMinute() {
        freshness.add(NOW.minusSeconds(100), NOW.minusSeconds(61));
        for (int age = 1; age <= 100; age++) {
            freshness.add(NOW.minusMillis(age), NOW);
        }

        assertThat(freshness.summary(NOW))
                .contains(new Summary(
                        100,
                        Duration.ofMillis(100),
                        Duration.ofMillis(51),
                        Duration.ofMillis(99),
                        Duration.ofMillis(100)));
    }

    @Test
    void saysNothingWhenNothingWasWritten() {
        freshness.add(NOW.minusMillis(5), NOW);

        assertThat(freshness.summary(NOW.plus(Freshness.SPAN).plusMillis(1))).isEmpty();
    }

    @Test
    void aClockThatIsAheadDoesNotMakeAnAgeNegative() {
        freshness.add(NOW.plusMillis(5), NOW);

        assertThat(freshness.summary(NOW).orElseThrow().max()).isZero();
    }

    @Test
    void keepsABoundedNumber() {
        for (int i = 0; i < Freshness.KEPT + 5; i++) {
            freshness.add(NOW, NOW);
        }

        assertThat(freshness.summary(NOW).orElseThrow().count()).isEqualTo(Freshness.KEPT);
    }
}
