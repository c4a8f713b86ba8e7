package io.breakwater.local.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Effect;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.StepRun;
import io.breakwater.controller.runbook.Runbook;
import io.breakwater.controller.runbook.RunbookRunner;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.PointOfNoReturnStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.controller.runbook.steps.SelectRecoveryPointStep;
import io.breakwater.controller.runbook.steps.TranslateGroupsStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.Segment;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.RegionClients;
import io.breakwater.region.SegmentTopic;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failover of a group with more partitions than one entry of the evidence log can tell. */
class LargeMoveIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final int TOPICS = 10;
    private static final int GROUPS = 10;
    private static final int RECORDS = 3;
    private static final Uuid SOURCE = Uuid.randomUuid();
    private static final Uuid TOPIC_ID = Uuid.randomUuid();
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String OPERATION = "manual-1";

    @TempDir
    private Path directory;

    /** Of each topic. */
    private int partitions;

    private static String topic(int number) {
        return "flights.region-of-the-north-atlantic.arrivals-by-the-hour.number-" + number;
    }

    private SortedMap<PartitionKey, Long> everywhere(long offset) {
        SortedMap<PartitionKey, Long> all = new TreeMap<>();
        for (int i = 0; i < TOPICS; i++) {
            for (int partition = 0; partition < partitions; partition++) {
                all.put(new PartitionKey(topic(i), partition), offset);
            }
        }
        return all;
    }

    @Test
    @Tag("full")
    void sixHundredPartitionsMoveAndAllOfItIsInTheEvidenceLog() throws Exception {
        move(60);
    }

    /** With 50,000 positions of groups. To make so many partitions takes a slow disk some minutes. */
    @Test
    @Tag("full")
    void fiveThousandPartitionsMoveAndAllOfItIsInTheEvidenceLog() throws Exception {
        move(500);
    }

    private void move(int ofEachTopic) throws Exception {
        partitions = ofEachTopic;
        try (KafkaServer west = KafkaServer.in(ProjectLayout.find(), "kafka-west", directory.resolve("west"))) {
            west.start(PROGRESS);
            Platform platform = MovedPlatform.withHomeGone(west.cluster());
            try (RegionClients clients = new RegionClients(platform, Duration.ofSeconds(10));
                    LoggingNode node = new LoggingNode(platform, directory.resolve("node"))) {
                fill(west);
                begin(node);
                List<Receipt> receipts = receipts();
                Map<String, RunbookStep> steps = steps(clients);
                try (RunbookRunner runner = new RunbookRunner(
                        platform,
                        Map.of(Operation.FAILOVER, runbook(steps)),
                        steps,
                        node,
                        region -> receipts,
                        Clock.systemUTC())) {
                    long began = System.nanoTime();
                    runner.run(new Effect.RunOperation(OPERATION, MovedPlatform.GROUP, new Epoch(2)));
                    await().atMost(PATIENCE).until(() -> !operation(node).isRunning());
                    PROGRESS.line("moved after "
                            + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms");
                }
                operation(node)
                        .steps()
                        .forEach(step -> PROGRESS.line(step.step() + " "
                                + Duration.between(
                                                step.beganAt(), step.endedAt().orElse(step.beganAt()))
                                        .toMillis() + " ms, detail of "
                                + step.detail().toString().length()));
                assertThat(operation(node).failure()).isEmpty();
                Segment segment = node.state()
                        .group(MovedPlatform.GROUP)
                        .orElseThrow()
                        .segments()
                        .last()
                        .orElseThrow();
                assertThat(segment.partitions())
                        .hasSize(TOPICS * partitions)
                        .containsValue(Segment.Range.closed(0, RECORDS, 0, RECORDS));
                theEvidenceLogHasAll(node);
                theHistoryOfManyMovesFitsItsTopic(west, segment);
            }
        }
    }

    private static Operation operation(LoggingNode node) {
        return node.state().operation(OPERATION).orElseThrow();
    }

    /** Each record as a mirror would have written it. */
    private void fill(KafkaServer west) throws Exception {
        long began = System.nanoTime();
        try (Admin admin = Admin.create(west.client(Principal.ADMIN))) {
            for (int i = 0; i < TOPICS; i++) {
                admin.createTopics(List.of(new NewTopic(topic(i), partitions, (short) 1)))
                        .all()
                        .get();
            }
        }
        PROGRESS.line(
                "topics after " + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms");
        Map<String, Object> settings = new HashMap<>(west.client(Principal.ADMIN));
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 50);
        // A partition that was made just now may take a second batch before the first, and then refuse that for ever.
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 1024);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(PATIENCE.toMillis()));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (long offset = 0; offset < RECORDS; offset++) {
                for (PartitionKey partition : everywhere(0).keySet()) {
                    ProducerRecord<byte[], byte[]> record =
                            new ProducerRecord<>(partition.topic(), partition.partition(), null, new byte[] {1});
                    record.headers()
                            .add(
                                    ProvenanceStamp.HEADER,
                                    new ProvenanceStamp(SOURCE, TOPIC_ID, partition.partition(), offset).toBytes());
                    sent.add(producer.send(record));
                }
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
        PROGRESS.line(
                "filled after " + Duration.ofNanos(System.nanoTime() - began).toMillis() + " ms");
    }

    private static void begin(LoggingNode node) throws Exception {
        node.begin();
        Reply begun = node.ask(new ControlEvent.OperationRequested(
                OPERATION, Operation.FAILOVER, MovedPlatform.GROUP, "ada", "it is large", true, List.of()));
        assertThat(begun).isEqualTo(new Reply.OperationBegun(OPERATION));
    }

    /** Every group is at the second record of every partition. */
    private List<Receipt> receipts() {
        List<Receipt> receipts = new ArrayList<>();
        OffsetVector committed = new OffsetVector(everywhere(1));
        Instant now = Instant.now();
        for (int i = 0; i < GROUPS; i++) {
            receipts.add(new Receipt(
                    MovedPlatform.GROUP,
                    new AssetId(AssetSpec.CONSUMER_GROUP, "flights-group-" + i),
                    MovedPlatform.FLOW,
                    ReplicaPosition.ofGroup(now, committed),
                    now));
        }
        return receipts;
    }

    private record Lapse(String id) implements RunbookStep {
        @Override
        public StepOutcome run(StepContext context) throws InterruptedException {
            Reply lapsed = context.propose(new ControlEvent.LeaseLapsed(context.group(), context.epoch(), 0));
            return lapsed.isRefused() ? new StepOutcome.Failed(lapsed.toString()) : StepOutcome.done();
        }
    }

    private static Map<String, RunbookStep> steps(RegionClients clients) {
        Map<String, RunbookStep> steps = new LinkedHashMap<>();
        List.of(
                        new Lapse("lapse"),
                        new RecordSegmentsStep(clients),
                        new SelectRecoveryPointStep(),
                        new PointOfNoReturnStep(),
                        new TranslateGroupsStep(clients))
                .forEach(step -> steps.put(step.id(), step));
        return steps;
    }

    private static Runbook runbook(Map<String, RunbookStep> steps) {
        return new Runbook(
                Operation.FAILOVER,
                steps.keySet().stream()
                        .map(step -> new Runbook.Entry(
                                step,
                                PATIENCE,
                                new Runbook.Retry(Duration.ofSeconds(1)),
                                Optional.of(Runbook.OnFailure.fail)))
                        .toList());
    }

    /** An auditor finds each step's whole detail in it, by the digest that the step's own entry carries. */
    private void theEvidenceLogHasAll(LoggingNode node) throws Exception {
        Map<String, JsonNode> details = node.auditedDetails();
        for (StepRun step : operation(node).steps()) {
            assertThat(details.get(step.step())).as(step.step()).isEqualTo(step.detail());
        }
        assertThat(Objects.requireNonNull(details.get("record-segments"))
                        .path("partitions")
                        .size())
                .isEqualTo(TOPICS * partitions);
        assertThat(Objects.requireNonNull(details.get("translate-groups"))
                        .path("positions")
                        .asInt())
                .isEqualTo(GROUPS * TOPICS * partitions);
    }

    /** As many segments as are kept, none of them joined with another. */
    private void theHistoryOfManyMovesFitsItsTopic(KafkaServer west, Segment segment) throws Exception {
        List<Segment> segments = new ArrayList<>();
        for (int i = 1; i <= SegmentHistory.KEPT; i++) {
            long from = 1_000_000_000L * i;
            SortedMap<PartitionKey, Segment.Range> ranges = new TreeMap<>();
            everywhere(0)
                    .keySet()
                    .forEach(partition -> ranges.put(
                            partition, Segment.Range.closed(from, from + partition.partition(), from, from + 1)));
            segments.add(new Segment(
                    new Epoch(i), segment.flow(), false, segment.sourceClusterId(), segment.topicIds(), ranges));
        }
        SegmentHistory history = new SegmentHistory(segments);

        try (Admin admin = Admin.create(west.client(Principal.ADMIN))) {
            SegmentTopic.publish(admin, new HashMap<>(west.client(Principal.ADMIN)), MovedPlatform.GROUP, history);
        }

        assertThat(SegmentTopic.read(new HashMap<>(west.client(Principal.ADMIN)), MovedPlatform.GROUP)
                        .equals(history))
                .as("the %s bytes of %s segments", Json.MAPPER.writeValueAsBytes(history).length, segments.size())
                .isTrue();
    }
}
