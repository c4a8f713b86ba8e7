package io.breakwater.controller.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.core.Readiness;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadinessReportTest {

    private static final Flow FLOW = new Flow("east", "west");
    private static final Instant NOW = Instant.parse("2026-11-22T09:00:00Z");
    private static final PartitionKey PARTITION = new PartitionKey("flights.events", 0);
    private static final ProtectionGroup GROUP = new ProtectionGroup(
            "east",
            "west",
            new Objectives(Duration.ofMinutes(15), Duration.ofMinutes(5)),
            Policy.CAREFUL,
            List.of(),
            List.of(
                    AssetSpec.of(Map.of("kind", "kafka-topic", "pattern", "flights\\..*")),
                    AssetSpec.of(Map.of("kind", "delta-table", "name", "flights", "path", "s3://{lake}/flights"))));

    private static Receipt topic(long through, int secondsAgo) {
        Instant at = NOW.minusSeconds(secondsAgo);
        return new Receipt(
                "flights",
                new AssetId("kafka-topic", "flights.events"),
                FLOW,
                ReplicaPosition.ofTopic(at, new OffsetVector(Map.of(PARTITION, through))),
                at);
    }

    private static Receipt table(long input, int secondsAgo) {
        Instant at = NOW.minusSeconds(secondsAgo);
        return new Receipt(
                "flights",
                new AssetId("delta-table", "flights"),
                FLOW,
                ReplicaPosition.ofWriter(at, new OffsetVector(Map.of(PARTITION, input)), "7", "s3://lake-west/flights"),
                at);
    }

    private static Readiness report(List<Receipt> receipts, Optional<Instant> downSince) {
        return ReadinessReport.of("flights", GROUP, FLOW, receipts, NOW, downSince);
    }

    @Test
    void aCoveredTableMakesTheStandbyReady() {
        Readiness readiness = report(List.of(topic(100, 2), table(90, 8)), Optional.empty());

        assertThat(readiness.notReady()).isEmpty();
        assertThat(readiness.recoveryPoint().orElseThrow().sourceTime()).isEqualTo(NOW.minusSeconds(8));
        assertThat(readiness.lag()).contains(Duration.ofSeconds(2));
        assertThat(readiness.topicsThrough()).contains(NOW.minusSeconds(2));
    }

    @Test
    void aMissingAssetIsNamed() {
        assertThat(report(List.of(topic(100, 2)), Optional.empty()).notReady())
                .containsExactly("delta-table/flights has no receipt");
    }

    @Test
    void withoutReceiptsTheLagIsUnknown() {
        Readiness readiness = report(List.of(), Optional.empty());

        assertThat(readiness.lag()).isEmpty();
        assertThat(readiness.notReady()).hasSize(2);
    }

    @Test
    void aPositionThatTheTopicsDoNotCoverIsNoRecoveryPoint() {
        Readiness readiness = report(List.of(topic(100, 2), table(101, 1)), Optional.empty());

        assertThat(readiness.recoveryPoint()).isEmpty();
        assertThat(readiness.notReady()).isNotEmpty();
    }

    @Test
    void silenceDeniesButNotTheSilenceAfterTheSourceDied() {
        List<Receipt> receipts = List.of(topic(100, 200), table(90, 201));

        assertThat(report(receipts, Optional.empty()).notReady()).hasSize(2);
        assertThat(report(receipts, Optional.of(NOW.minusSeconds(195))).notReady())
                .isEmpty();
    }

    @Test
    void aBlockingAlarmOfTheFlowMakesTheStandbyNotReady() {
        Alarm blocking = new Alarm("tasks", "flights.kafka-topic.east-west", "it has no task", true);
        Alarm other = new Alarm("lost-range", "flights.events-0@7", "offsets 7 to 9 are lost", false);

        Readiness readiness =
                report(List.of(topic(100, 2), table(90, 8), health(1, other, blocking)), Optional.empty());

        assertThat(readiness.notReady()).containsExactly("it has no task");
        assertThat(readiness.recoveryPoint().orElseThrow().positions()).hasSize(2);
    }

    @Test
    void anAlarmThatIsOverCountsNoLongerAndOneFromAfterTheSourceDiedNeverDoes() {
        Alarm blocking = new Alarm("tasks", "flights.kafka-topic.east-west", "it has no task", true);
        List<Receipt> over = List.of(topic(100, 2), table(90, 8), health(3, blocking), health(2));
        List<Receipt> after = List.of(topic(100, 200), table(90, 201), health(10), health(2, blocking));

        assertThat(report(over, Optional.empty()).notReady()).isEmpty();
        assertThat(report(after, Optional.of(NOW.minusSeconds(195))).notReady()).isEmpty();
    }

    private static Receipt health(int secondsAgo, Alarm... alarms) {
        Instant at = NOW.minusSeconds(secondsAgo);
        return new Receipt(
                "flights",
                new AssetId(MirrorHealth.ASSET_KIND, "topics"),
                FLOW,
                ReplicaPosition.ofTopic(at, OffsetVector.EMPTY),
                at,
                Optional.of(MirrorHealth.of(List.of(alarms))));
    }
}
