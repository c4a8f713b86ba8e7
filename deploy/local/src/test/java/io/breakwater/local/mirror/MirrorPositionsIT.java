package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.runbook.steps.ExportLossLedgerStep;
import io.breakwater.controller.runbook.steps.FenceMirrorStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.controller.runbook.steps.TranslateGroupsStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerManifest;
import io.breakwater.region.ledger.LedgerReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster is mirrored under plain and transactional traffic and killed with -9. Then every group position on the
 * other one must be exact against a linear scan, the mirror must be refused, and the ledger must list what is missing.
 */
@Tag("full")
class MirrorPositionsIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final List<String> TOPICS = List.of(MirrorPair.EVENTS, MirrorPair.DELAYS);
    private static final Duration DEAD = Duration.ofSeconds(20);
    private static final Duration SOON = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    @Test
    void positionsAreExactAfterAKill() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory)) {
            pair.start(PROGRESS);
            pair.startFlow();
            try (MirrorTraffic traffic = new MirrorTraffic(pair.east, "record")) {
                awaitMirrored(pair, 4_000);
                setSomePositions(pair);
                awaitMirrored(pair, 8_000);
                awaitGroups(pair);
                pair.east.kill();
                PROGRESS.line("east is dead");
                check(pair, traffic);
            }
        }
    }

    @Test
    void theFlowOutlivesItsSource() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory)) {
            pair.start(PROGRESS);
            pair.startFlow();
            try (MirrorTraffic traffic = new MirrorTraffic(pair.east, "before")) {
                awaitMirrored(pair, 500);
                pair.east.kill();
                PROGRESS.line("east is dead after " + traffic.acked().size() + " records");
            }
            await().during(DEAD).atMost(DEAD.plusSeconds(5)).until(() -> allTasksRun(pair));

            pair.east.start(PROGRESS);

            long mirrored = values(LinearScan.of(pair.west.client(Principal.ADMIN), TOPICS))
                    .size();
            try (MirrorTraffic traffic = new MirrorTraffic(pair.east, "after")) {
                awaitMirrored(pair, mirrored + 500);
                PROGRESS.line("it goes on: " + traffic.acked().size() + " more records");
            }
            assertThat(allTasksRun(pair)).isTrue();
        }
    }

    private static boolean allTasksRun(MirrorPair pair) throws InterruptedException {
        for (String name : pair.connect.connectors().ifOk().orElseThrow()) {
            ConnectRest.Status status = pair.connect.status(name).ifOk().orElseThrow();
            boolean runs = status.state().equals("RUNNING")
                    && !status.tasks().isEmpty()
                    && status.tasks().stream().allMatch(task -> task.state().equals("RUNNING"));
            if (!runs) {
                PROGRESS.line("not running: " + status);
                return false;
            }
        }
        return true;
    }

    private static void check(MirrorPair pair, MirrorTraffic traffic) throws Exception {
        try (RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            StepRunContext steps = new StepRunContext(pair.platform, MirrorPair.FLOW);
            steps.receipts(receipts(pair));

            PROGRESS.line("fenced: " + steps.run(new FenceMirrorStep(clients)));

            assertMirrorRefused(pair);
            JsonNode segments = steps.run(new RecordSegmentsStep(clients));
            PROGRESS.line("segments: " + segments);
            PROGRESS.line("groups: " + steps.run(new TranslateGroupsStep(clients)));
            LinearScan west = LinearScan.of(pair.west.client(Principal.ADMIN), TOPICS);
            assertSegments(west, segments);
            assertExact(pair, west, committed(steps.receipts()));

            // What waits in its clients would else be written when the region is back, behind what the ledger has.
            traffic.close();
            pair.east.start(PROGRESS);
            JsonNode ledger = steps.run(new ExportLossLedgerStep(clients));
            PROGRESS.line("ledger: " + ledger);
            assertNothingUnaccounted(traffic.acked(), values(west), ledgerValues(clients, ledger));
        }
    }

    private static void awaitMirrored(MirrorPair pair, long records) {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> values(LinearScan.of(pair.west.client(Principal.ADMIN), TOPICS))
                                .size()
                        >= records);
        PROGRESS.line(records + " records are mirrored");
    }

    /** Groups that were never members of anything, at any place, also on aborted records and past the end. */
    private static void setSomePositions(MirrorPair pair) throws Exception {
        Random random = new Random(11);
        LinearScan east = LinearScan.of(pair.east.client(Principal.ADMIN), TOPICS);
        try (Admin admin = Admin.create(pair.east.client(Principal.ADMIN))) {
            for (int group = 0; group < 25; group++) {
                Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
                for (PartitionKey partition : east.records().keySet()) {
                    List<ConsumerRecord<byte[], byte[]>> records = east.of(partition);
                    long end = records.get(records.size() - 1).offset() + 2;
                    long offset = group == 0 ? 0 : group == 1 ? end : random.nextLong(end);
                    positions.put(
                            new TopicPartition(partition.topic(), partition.partition()),
                            new OffsetAndMetadata(offset));
                }
                admin.alterConsumerGroupOffsets("flights-set-" + group, positions)
                        .all()
                        .get();
            }
        }
    }

    private static void awaitGroups(MirrorPair pair) throws Exception {
        try (Admin admin = Admin.create(pair.west.client(Principal.ADMIN))) {
            await().atMost(SOON).until(() -> admin.listGroups().all().get().size() >= 26);
        }
        await().atMost(SOON).until(() -> committed(receipts(pair)).size() >= 26);
    }

    static List<Receipt> receipts(MirrorPair pair) {
        return LinearScan.of(pair.west.client(Principal.ADMIN), List.of(Receipt.TOPIC)).records().values().stream()
                .flatMap(List::stream)
                .map(record -> Receipt.fromJson(record.value()))
                .toList();
    }

    static SortedMap<String, OffsetVector> committed(List<Receipt> receipts) {
        SortedMap<String, OffsetVector> committed = new TreeMap<>();
        receipts.stream()
                .filter(receipt -> receipt.asset().kind().equals(AssetSpec.CONSUMER_GROUP))
                .forEach(receipt ->
                        committed.put(receipt.asset().name(), receipt.position().committed()));
        return committed;
    }

    private static void assertMirrorRefused(MirrorPair pair) {
        Map<String, Object> settings = new HashMap<>(pair.west.client(Principal.MIRROR));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>(MirrorPair.EVENTS, new byte[0]))
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(TopicAuthorizationException.class);
        }
        settings.put("transactional.id", "connect-west-flights.kafka-topic.east-west-0");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            assertThatThrownBy(producer::initTransactions).isInstanceOf(TransactionalIdAuthorizationException.class);
        }
    }

    private static void assertSegments(LinearScan west, JsonNode segments) {
        west.records()
                .forEach((partition, records) -> assertThat(segments.path("partitions")
                                .path(partition.toString())
                                .path("sourceEnd")
                                .asLong())
                        .as("source end of " + partition)
                        .isEqualTo(LinearScan.stamp(records.get(records.size() - 1)) + 1));
    }

    private static void assertExact(MirrorPair pair, LinearScan west, SortedMap<String, OffsetVector> committed)
            throws Exception {
        int checked = 0;
        try (Admin admin = Admin.create(pair.west.client(Principal.ADMIN))) {
            for (Map.Entry<String, OffsetVector> group : committed.entrySet()) {
                Map<TopicPartition, OffsetAndMetadata> positions = admin.listConsumerGroupOffsets(group.getKey())
                        .partitionsToOffsetAndMetadata()
                        .get();
                for (Map.Entry<PartitionKey, Long> source :
                        group.getValue().ends().entrySet()) {
                    PartitionKey partition = source.getKey();
                    OffsetAndMetadata position = Objects.requireNonNull(
                            positions.get(new TopicPartition(partition.topic(), partition.partition())),
                            () -> group.getKey() + " has no position on " + partition);
                    assertThat(west.translationError(partition, source.getValue(), position.offset()))
                            .as("translation error of " + group.getKey() + " on " + partition + " at source "
                                    + source.getValue() + ", target " + position.offset())
                            .isZero();
                    checked++;
                }
            }
        }
        PROGRESS.line(checked + " positions are exact");
        assertThat(checked).isGreaterThanOrEqualTo(100);
    }

    private static Set<String> values(LinearScan scan) {
        Set<String> values = new HashSet<>();
        scan.records()
                .values()
                .forEach(records -> records.forEach(record -> {
                    if (!values.add(new String(record.value(), StandardCharsets.UTF_8))) {
                        throw new AssertionError(
                                "twice on the target: " + new String(record.value(), StandardCharsets.UTF_8));
                    }
                }));
        return values;
    }

    private static Set<String> ledgerValues(RegionClients clients, JsonNode detail) throws Exception {
        ObjectUri manifest = ObjectUri.parse(detail.path("manifest").asText());
        ObjectUri folder = ObjectUri.parse(manifest.toString().replace("/" + LedgerManifest.NAME, ""));
        LedgerReader ledger = new LedgerReader(LedgerFolder.of(clients.objectStore("west"), folder));
        LedgerReader.Verified verified = ledger.verify();
        assertThat(verified.failures()).isEmpty();
        assertThat(verified.sha256()).isEqualTo(detail.path("sha256").asText());
        Set<String> values = new HashSet<>();
        ledger.read(record -> values.add(new String(record.value().orElseThrow(), StandardCharsets.UTF_8)));
        assertThat(detail.path("records").asInt()).isEqualTo(values.size());
        return values;
    }

    private static void assertNothingUnaccounted(Set<String> acked, Set<String> mirrored, Set<String> ledger) {
        Set<String> lost = new HashSet<>(acked);
        lost.removeAll(mirrored);
        PROGRESS.line(acked.size() + " acknowledged, " + mirrored.size() + " mirrored, " + lost.size() + " lost, "
                + ledger.size() + " in the ledger");
        assertThat(ledger).containsAll(lost).doesNotContainAnyElementsOf(mirrored);
    }
}
