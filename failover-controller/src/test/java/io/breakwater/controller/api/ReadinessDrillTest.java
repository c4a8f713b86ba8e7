package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.controller.api.DrillReport.Check;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.controller.signal.SignalAssessment;
import io.breakwater.controller.signal.SignalHistory;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadinessDrillTest {

    private static final Flow FLOW = new Flow("east", "west");
    private static final AssetId TOPIC = new AssetId("kafka-topic", "flights.events");
    private static final AssetId GROUP = new AssetId("consumer-group", "flights-processor");

    @TempDir
    private Path directory;

    private RunningApi api;
    private final Instant now = Instant.now();
    private final List<Receipt> receipts = new ArrayList<>();
    private Verdict standbyKafka = Verdict.UP;
    private Verdict standbyLag = Verdict.UP;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.in(directory);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void isReadyWhenEverythingIsThere() {
        everythingIsThere(now.minusSeconds(2));

        DrillReport report = drill();

        assertThat(report.checks()).filteredOn(check -> !check.passed()).isEmpty();
        assertThat(report.ready()).isTrue();
        assertThat(report.currentRpo())
                .hasValueSatisfying(rpo -> assertThat(rpo).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(3)));
        assertThat(report.estimatedRto()).isEmpty();
        assertThat(report.waits()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void anOldRecoveryPointIsBeyondTheBudget() {
        everythingIsThere(now.minusSeconds(90));

        assertThat(failed(drill())).contains("loss-budget");
    }

    @Test
    void anAssetThatFellSilentIsNamed() {
        everythingIsThere(now.minusSeconds(2));
        receipts.removeIf(receipt -> receipt.asset().equals(GROUP));
        receipts.add(receipt(GROUP, now.minusSeconds(120)));

        assertThat(failed(drill())).containsExactly("asset-consumer-group/flights-processor");
    }

    @Test
    void aStandbyComponentThatIsDownFails() {
        everythingIsThere(now.minusSeconds(2));
        standbyKafka = Verdict.DOWN;

        assertThat(failed(drill())).containsExactly("standby-kafka-metadata");
    }

    @Test
    void aLagThatNobodyKnowsBecauseNoFlowRunsOutOfTheStandbyIsNothingAgainstIt() {
        everythingIsThere(now.minusSeconds(2));
        standbyLag = Verdict.UNKNOWN;
        assertThat(failed(drill())).isEmpty();

        standbyLag = Verdict.DOWN;
        assertThat(failed(drill())).containsExactly("standby-replication-lag");
    }

    @Test
    void aReportOnTheMirrorIsNotAskedForInTheRecoveryPoint() {
        everythingIsThere(now.minusSeconds(2));
        receipts.add(health(new Alarm("slow", "flights.events-0", "it is slow", false)));

        assertThat(drill().ready()).isTrue();
    }

    @Test
    void aBlockingAlarmOfTheMirrorFails() {
        everythingIsThere(now.minusSeconds(2));
        receipts.add(health(new Alarm("lost-range", "flights.events-0", "offsets 3 to 9 are lost", true)));

        assertThat(failed(drill())).containsExactly("health-kafka-mirror/topics");
    }

    private Receipt health(Alarm alarm) {
        return new Receipt(
                "flights",
                new AssetId(MirrorHealth.ASSET_KIND, "topics"),
                FLOW,
                ReplicaPosition.ofTopic(now, OffsetVector.EMPTY),
                now.minusSeconds(1),
                Optional.of(MirrorHealth.of(List.of(alarm))));
    }

    private void everythingIsThere(Instant sourceTime) {
        api.makeReady(now, sourceTime, TOPIC, GROUP);
        receipts.add(receipt(TOPIC, now.minusSeconds(1)));
        receipts.add(receipt(GROUP, now.minusSeconds(1)));
    }

    private static Receipt receipt(AssetId asset, Instant publishedAt) {
        ReplicaPosition position = ReplicaPosition.ofTopic(publishedAt, OffsetVector.EMPTY);
        return new Receipt("flights", asset, FLOW, position, publishedAt);
    }

    private DrillReport drill() {
        GroupState group = api.control().state().group("flights").orElseThrow();
        return new ReadinessDrill(
                        api.control().state(),
                        "flights",
                        group,
                        api.platform().group("flights"),
                        Optional.of("west"),
                        new RegionAssessment(
                                "west",
                                List.of(
                                        signal("kafka-metadata", "kafka", true, standbyKafka),
                                        signal("replication-lag", "replication", false, standbyLag))),
                        receipts,
                        now)
                .run("drill-1");
    }

    private static SignalAssessment signal(String id, String signalClass, boolean counts, Verdict verdict) {
        SignalHistory history = new SignalHistory(Instant.EPOCH, Optional.empty(), 0, 0, 0, 0);
        return new SignalAssessment(id, signalClass, counts, verdict, "CLOSED", "", history);
    }

    private static List<String> failed(DrillReport report) {
        return report.checks().stream()
                .filter(check -> !check.passed())
                .map(Check::name)
                .toList();
    }
}
