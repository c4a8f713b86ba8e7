package io.breakwater.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.MirrorHealth.ConnectorState;
import io.breakwater.platform.MirrorHealth.Lag;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReceiptTest {

    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");
    private static final PartitionKey PARTITION = new PartitionKey("flights.events", 0);
    private static final Receipt POSITION = new Receipt(
            "flights",
            new AssetId("kafka-topic", "flights.events"),
            new Flow("east", "west"),
            ReplicaPosition.ofTopic(NOW, new OffsetVector(Map.of(PARTITION, 7L))),
            NOW);

    @Test
    void aPositionIsWrittenAsBeforeThereWasHealth() {
        String json = new String(POSITION.toJson(), StandardCharsets.UTF_8);

        assertThat(json).doesNotContain("health");
        assertThat(Receipt.fromJson(POSITION.toJson())).isEqualTo(POSITION);
    }

    @Test
    void aHealthReportComesBackAsItWas() {
        MirrorHealth health = new MirrorHealth(
                Map.of(PARTITION, new Lag(3, Optional.of(NOW))),
                Map.of("flights.kafka-topic.east-west", new ConnectorState("RUNNING", 2, 1)),
                List.of(new Alarm("lost-range", "flights.events-0@7", "offsets 7 to 9 are lost", false)));
        Receipt report = new Receipt(
                "flights",
                new AssetId(MirrorHealth.ASSET_KIND, "positions"),
                new Flow("east", "west"),
                ReplicaPosition.ofTopic(NOW, OffsetVector.EMPTY),
                NOW,
                Optional.of(health));

        assertThat(Receipt.fromJson(report.toJson())).isEqualTo(report);
    }

    @Test
    void aKeyOfALaterReleaseIsIgnored() {
        String later =
                new String(POSITION.toJson(), StandardCharsets.UTF_8).replaceFirst("\\{", "{\"later\":{\"a\":1},");

        assertThat(Receipt.fromJson(later.getBytes(StandardCharsets.UTF_8))).isEqualTo(POSITION);
    }
}
