package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.ExportLossLedgerStep;
import io.breakwater.controller.runbook.steps.FenceMirrorStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.Region.ConnectCluster;
import io.breakwater.region.RegionClients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions of producers that died, on an old cluster that lives: the step that reads its tails ends those that a
 * coordinator knows, and names those that none knows, because they may be commits that were acknowledged.
 */
@Tag("full")
class HangingTransactionsIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String COORDINATORS = "__transaction_state";
    private static final TopicPartition KNOWN = new TopicPartition(MirrorPair.EVENTS, 0);
    private static final TopicPartition UNKNOWN = new TopicPartition(MirrorPair.DELAYS, 1);

    @TempDir
    private Path directory;

    @Test
    void theOnesThatAreKnownAreEndedAndTheOthersNamed() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory);
                RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            pair.start(PROGRESS);
            pair.startFlow();
            publish(pair, KNOWN, "mirrored");
            publish(pair, UNKNOWN, "mirrored");
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> LinearScan.of(
                                            pair.west.client(Principal.ADMIN),
                                            List.of(MirrorPair.EVENTS, MirrorPair.DELAYS))
                                    .records()
                                    .values()
                                    .stream()
                                    .mapToInt(List::size)
                                    .sum()
                            == 2);
            StepRunContext steps = new StepRunContext(pair.platform, MirrorPair.FLOW);
            steps.run(new FenceMirrorStep(clients));
            steps.run(new RecordSegmentsStep(clients));
            try (Admin east = Admin.create(pair.east.client(Principal.ADMIN))) {
                leaveOpen(pair, KNOWN, "dead");
                publish(pair, KNOWN, "lost");
                assertThat(stableEnd(east, KNOWN)).isLessThan(end(east, KNOWN));

                PROGRESS.line("one that is known: " + steps.run(new ExportLossLedgerStep(clients)));
                assertThat(stableEnd(east, KNOWN)).isEqualTo(end(east, KNOWN));

                leaveOpen(pair, UNKNOWN, "forgotten");
                publish(pair, UNKNOWN, "lost");
                forgetTransactions(pair, east);
                StepOutcome outcome = steps.outcome(new ExportLossLedgerStep(clients));
                assertThat(outcome).isInstanceOf(StepOutcome.Failed.class);
                assertThat(((StepOutcome.Failed) outcome).reason())
                        .contains("region east", UNKNOWN.toString(), "kafka-transactions.sh", "abort")
                        .doesNotContain(KNOWN.toString());

                PROGRESS.line("the remedy: " + outcome);
                for (ProducerState producer : east.describeProducers(List.of(UNKNOWN))
                        .partitionResult(UNKNOWN)
                        .get()
                        .activeProducers()) {
                    if (producer.currentTransactionStartOffset().isPresent()) {
                        east.abortTransaction(new AbortTransactionSpec(
                                        UNKNOWN,
                                        producer.producerId(),
                                        (short) producer.producerEpoch(),
                                        producer.coordinatorEpoch().orElse(0)))
                                .all()
                                .get();
                    }
                }
                steps.run(new ExportLossLedgerStep(clients));
                assertThat(stableEnd(east, UNKNOWN)).isEqualTo(end(east, UNKNOWN));
            }
        }
    }

    @Test
    void aCommitOfTheMirrorThatTheStandbyForgotIsFinishedBeforeItsEndIsRecorded() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory);
                RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            pair.start(PROGRESS);
            pair.startFlow();
            publish(pair, KNOWN, "mirrored");
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(
                            () -> LinearScan.of(pair.west.client(Principal.ADMIN), List.of(MirrorPair.EVENTS))
                                    .records()
                                    .values()
                                    .stream()
                                    .anyMatch(records -> !records.isEmpty()));
            pair.replicator.kill();
            ForgottenCommit.leave(
                    pair.west,
                    ConnectCluster.workerGroup("west") + "-flights.kafka-topic.east-west-0",
                    record(UNKNOWN, "acknowledged"),
                    PROGRESS);

            StepRunContext steps = new StepRunContext(pair.platform, MirrorPair.FLOW);
            steps.run(new FenceMirrorStep(clients));
            PROGRESS.line("recorded: " + steps.run(new RecordSegmentsStep(clients)));

            assertThat(
                            LinearScan.of(pair.west.client(Principal.ADMIN), List.of(MirrorPair.DELAYS))
                                    .records()
                                    .values()
                                    .stream()
                                    .mapToInt(List::size)
                                    .sum())
                    .isEqualTo(1);
        }
    }

    /** As a producer does that is killed in the middle of a transaction. */
    private static void leaveOpen(MirrorPair pair, TopicPartition partition, String id) throws Exception {
        Map<String, Object> settings = new HashMap<>(pair.east.client(Principal.ADMIN));
        settings.put("transactional.id", id);
        settings.put("transaction.timeout.ms", (int) Duration.ofMinutes(15).toMillis());
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record(partition, id)).get();
        } finally {
            producer.close(Duration.ZERO);
        }
    }

    /** The coordinators' own topic is lost, with all that they knew. */
    private static void forgetTransactions(MirrorPair pair, Admin east) throws Exception {
        east.deleteTopics(List.of(COORDINATORS)).all().get();
        await().atMost(SOON).until(() -> east.listTransactions().all().get().isEmpty());
        pair.east.kill();
        pair.east.start(PROGRESS);
        assertThat(east.listTransactions().all().get()).isEmpty();
    }

    private static void publish(MirrorPair pair, TopicPartition partition, String value) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                pair.east.client(Principal.APP), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(record(partition, value)).get();
        }
    }

    private static ProducerRecord<byte[], byte[]> record(TopicPartition partition, String value) {
        return new ProducerRecord<>(
                partition.topic(), partition.partition(), null, value.getBytes(StandardCharsets.UTF_8));
    }

    private static long end(Admin cluster, TopicPartition partition) throws Exception {
        return end(cluster, partition, IsolationLevel.READ_UNCOMMITTED);
    }

    private static long stableEnd(Admin cluster, TopicPartition partition) throws Exception {
        return end(cluster, partition, IsolationLevel.READ_COMMITTED);
    }

    private static long end(Admin cluster, TopicPartition partition, IsolationLevel isolation) throws Exception {
        return cluster.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
                .partitionResult(partition)
                .get()
                .offset();
    }
}
