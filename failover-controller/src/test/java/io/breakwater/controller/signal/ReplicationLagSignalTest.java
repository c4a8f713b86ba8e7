package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplicationLagSignalTest {

    private static final Instant NOW = Instant.parse("2026-11-22T03:00:00Z");

    @Test
    void isHealthyWhileEachTopicArrivesInTime() {
        assertThat(reading(receipt("east", "a", 40, 60), receipt("east", "a", 5, 6), receipt("east", "b", 5, 29)))
                .isEqualTo(new SignalReading.Healthy());
    }

    @Test
    void isUnhealthyIfOneTopicIsBehind() {
        assertThat(reading(receipt("east", "a", 5, 6), receipt("east", "b", 5, 31)))
                .isEqualTo(
                        new SignalReading.Unhealthy("kafka-topic/b of flow east-west is 31 s behind, more than 30 s"));
    }

    @Test
    void aFlowThatIsSilentOrGoesTheOtherWaySaysNothingOfTheRegion() {
        assertThat(reading(receipt("east", "a", 76, 80), receipt("west", "a", 1, 1)))
                .isInstanceOf(SignalReading.Unknown.class);
    }

    private static SignalReading reading(Receipt... receipts) {
        try (ReplicationLagSignal signal = new ReplicationLagSignal(
                "east", () -> List.of(receipts), Duration.ofSeconds(30), Clock.fixed(NOW, ZoneOffset.UTC))) {
            return signal.probe();
        }
    }

    /** Published and read at the source so many seconds ago. */
    private static Receipt receipt(String from, String topic, long published, long source) {
        return new Receipt(
                "flights",
                new AssetId(AssetSpec.KAFKA_TOPIC, topic),
                new Flow(from, from.equals("east") ? "west" : "east"),
                ReplicaPosition.ofTopic(NOW.minusSeconds(source), OffsetVector.EMPTY),
                NOW.minusSeconds(published));
    }
}
