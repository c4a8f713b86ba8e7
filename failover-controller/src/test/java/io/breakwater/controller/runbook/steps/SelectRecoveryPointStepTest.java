package io.breakwater.controller.runbook.steps;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.Segments.Segment;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelectRecoveryPointStepTest {

    private static final String YAML = """
            platform: flights
            nodes:
              - {id: east, region: east, raft: "127.0.0.1:1001", http: "127.0.0.1:1002"}
            regions:
              east: &site
                kafka: {bootstrap: "127.0.0.1:1", client: {}, mirror: {}, mirrorPrincipal: "User:mirror"}
                connect: {url: "http://127.0.0.1:2"}
                objectStore: {region: us-east-1, endpoint: "http://127.0.0.1:3", buckets: {lake: lake-east}}
                flink: {url: "http://127.0.0.1:4"}
              west: *site
            groups:
              flights:
                home: east
                standby: west
                objectives: {rto: PT15M, rpo: PT5M}
                policy: {mode: advisory}
                pipelinePrincipals: ["User:pipeline"]
                assets:
                  - {kind: kafka-topic, pattern: "flights.*"}
                  - {kind: delta-table, name: flights, path: "s3://{lake}/flights", writer: archiver}
                  - {kind: flink-job, name: delays, jar: "s3://{lake}/x.jar"}
            """;
    private static final Flow FLOW = Flow.parse("east-west");
    private static final AssetId TABLE = AssetId.parse("delta-table/flights");
    private static final AssetId JOB = AssetId.parse("flink-job/delays");
    private static final AssetId PREFIX = AssetId.parse("s3-prefix/landing");
    private static final PartitionKey PARTITION = new PartitionKey("flights.events", 0);

    @TempDir
    private Path dir;

    private final List<Receipt> receipts = new ArrayList<>();
    private final SortedMap<PartitionKey, Segment> segments = new TreeMap<>();
    private final SelectRecoveryPointStep step = new SelectRecoveryPointStep();
    private Platform platform;

    @BeforeEach
    void platform() throws IOException {
        platform = PlatformFile.load(Files.writeString(dir.resolve("platform.yaml"), YAML));
    }

    @Test
    void theEndOfASegmentCountsWhereItIsPastTheLastReceipt() {
        announce(AssetId.parse("kafka-topic/flights.events"), 100, ReplicaPosition.ofTopic(at(100), offsets(100)));
        writer(TABLE, 7, 90);
        writer(TABLE, 8, 140);
        writer(TABLE, 9, 160);
        writer(JOB, 3, 120);
        segments.put(PARTITION, new Segment(150, 80, Optional.of(at(149)), 0, 0));

        RecoveryPoint point = selected();

        assertThat(point.cut()).isEqualTo(offsets(150));
        assertThat(version(point, TABLE)).contains("8");
        assertThat(version(point, JOB)).contains("3");
        assertThat(point.sourceTime()).isEqualTo(at(120));
    }

    @Test
    void aSnapshotIsOnlyInItOnceItsDerivedOutputsHaveCome() {
        announce(AssetId.parse("kafka-topic/flights.events"), 100, ReplicaPosition.ofTopic(at(100), offsets(100)));
        writer(TABLE, 7, 90);
        for (int snapshot = 3; snapshot <= 5; snapshot++) {
            OffsetVector gates = new OffsetVector(Map.of(new PartitionKey("flights.delays", 0), snapshot * 10L));
            announce(
                    JOB,
                    60 + snapshot,
                    ReplicaPosition.ofWriter(at(60), offsets(60), String.valueOf(snapshot), "s3://lake/" + snapshot)
                            .with(new ReplicaPosition.Outputs(gates, gates, gates)));
        }
        segments.put(PARTITION, new Segment(100, 80, Optional.of(at(99)), 0, 0));
        segments.put(new PartitionKey("flights.delays", 0), new Segment(49, 49, Optional.of(at(99)), 0, 0));

        assertThat(version(selected(), JOB)).contains("4");
    }

    @Test
    void theReceiptCountsWhereItIsPastTheSegment() {
        announce(AssetId.parse("kafka-topic/flights.events"), 100, ReplicaPosition.ofTopic(at(100), offsets(100)));
        writer(TABLE, 7, 100);
        writer(JOB, 3, 100);
        segments.put(PARTITION, new Segment(98, 80, Optional.of(at(97)), 0, 0));

        assertThat(selected().cut()).isEqualTo(offsets(100));
    }

    @Test
    void saysWhyThereIsNone() {
        writer(TABLE, 7, 90);
        segments.put(PARTITION, new Segment(50, 80, Optional.of(at(49)), 0, 0));

        assertThat(step.run(new Context()))
                .isInstanceOfSatisfying(
                        StepOutcome.Failed.class,
                        failed -> assertThat(failed.reason())
                                .contains("no announced position of delta-table/flights is covered")
                                .contains("flink-job/delays was never announced"));
    }

    @Test
    void aPrefixIsPartOfIt() throws IOException {
        platform = PlatformFile.load(Files.writeString(
                dir.resolve("platform.yaml"),
                YAML + "      - {kind: s3-prefix, name: landing, prefix: \"s3://{lake}/landing/\"}\n"));
        announce(AssetId.parse("kafka-topic/flights.events"), 100, ReplicaPosition.ofTopic(at(100), offsets(100)));
        writer(TABLE, 7, 90);
        writer(JOB, 3, 90);
        assertThat(step.run(new Context()))
                .isInstanceOfSatisfying(
                        StepOutcome.Failed.class,
                        failed -> assertThat(failed.reason()).contains("s3-prefix/landing was never announced"));

        announce(PREFIX, 60, ReplicaPosition.ofPrefix(at(60), "s3://lake-west/landing/"));

        RecoveryPoint point = selected();
        assertThat(point.sourceTime()).isEqualTo(at(60));
        assertThat(Optional.ofNullable(point.positions().get(PREFIX)).flatMap(ReplicaPosition::location))
                .contains("s3://lake-west/landing/");
    }

    /** As a later step reads it: from JSON. */
    private RecoveryPoint selected() {
        StepOutcome outcome = step.run(new Context());
        assertThat(outcome).isInstanceOf(StepOutcome.Done.class);
        ObjectNode detail = ((StepOutcome.Done) outcome).detail();
        return Json.MAPPER.convertValue(detail, RecoveryPoint.class);
    }

    private static Optional<String> version(RecoveryPoint point, AssetId asset) {
        return Optional.ofNullable(point.positions().get(asset)).flatMap(ReplicaPosition::version);
    }

    private void writer(AssetId asset, long version, long input) {
        announce(
                asset,
                input,
                ReplicaPosition.ofWriter(at(input), offsets(input), Long.toString(version), "s3://lake-west/x"));
    }

    private void announce(AssetId asset, long at, ReplicaPosition position) {
        receipts.add(new Receipt("flights", asset, FLOW, position, at(at)));
    }

    private static OffsetVector offsets(long end) {
        return new OffsetVector(new TreeMap<>(Map.of(PARTITION, end)));
    }

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }

    private final class Context implements StepContext {

        @Override
        public Platform platform() {
            return platform;
        }

        @Override
        public String group() {
            return "flights";
        }

        @Override
        public Operation operation() {
            return new Operation(
                    "op-1",
                    Operation.FAILOVER,
                    "flights",
                    epoch(),
                    FLOW,
                    Operation.State.running,
                    at(200),
                    Optional.empty(),
                    Operation.AUTOMATIC,
                    "test",
                    List.of(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }

        @Override
        public Epoch epoch() {
            return new Epoch(2);
        }

        @Override
        public Flow flow() {
            return FLOW;
        }

        @Override
        public <T> Optional<T> findDetail(String stepId, Class<T> type) {
            Segments recorded = new Segments(Optional.of("AAAAAAAAAAAAAAAAAAAAAQ"), segments);
            return stepId.equals("record-segments") ? Optional.of(type.cast(recorded)) : Optional.empty();
        }

        @Override
        public List<Receipt> receipts() {
            return receipts;
        }

        @Override
        public ControlState state() {
            throw new UnsupportedOperationException("the step looks at no state");
        }

        @Override
        public Reply propose(ControlEvent event) {
            throw new UnsupportedOperationException("the step proposes nothing");
        }

        @Override
        public Instant deadline() {
            return Instant.MAX;
        }
    }
}
