package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.ExportLossLedgerStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerManifest;
import io.breakwater.region.ledger.LedgerReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker is killed among commits, again and again, and its tails are read as soon as it is back. Kafka itself then
 * leaves some acknowledged commits without their markers; all of them must be in the ledger, also where the producers
 * were back before.
 */
@Tag("full")
class KilledCommitsIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int MOST_ROUNDS = 40;
    private static final int ENOUGH_SKIPPED = 30;
    private static final int PRODUCERS = 12;
    private static final int PARTITIONS = 6;
    private static final String SKIPPED = "Couldn't find leader endpoint for partitions";

    @TempDir
    private Path directory;

    private final Set<String> acked = ConcurrentHashMap.newKeySet();

    @Test
    void whatWasAcknowledgedIsInTheLedgerThoughKafkaSkippedItsMarkers() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory);
                RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            pair.west.start(PROGRESS);
            pair.store.start(PROGRESS);
            pair.east.start(PROGRESS);
            try (Admin admin = Admin.create(pair.east.client(Principal.ADMIN))) {
                admin.createTopics(List.of(new NewTopic(MirrorPair.DELAYS, PARTITIONS, (short) 1)))
                        .all()
                        .get();
            }
            StepRunContext steps = new StepRunContext(pair.platform, MirrorPair.FLOW);
            steps.run(new RecordSegmentsStep(clients));
            long skipped = 0;
            for (int round = 1; round <= MOST_ROUNDS && skipped < ENOUGH_SKIPPED; round++) {
                commitUntilTheBrokerDies(pair.east, "round-" + round);
                pair.east.launch();
                if (round % 2 == 0) {
                    pair.east.awaitReady(PROGRESS);
                    beginAnew(pair.east);
                }
                Set<String> ledger = ledger(clients, steps);
                skipped = skipped();
                PROGRESS.line("round " + round + ": " + acked.size() + " acknowledged, " + ledger.size()
                        + " in the ledger, markers skipped " + skipped + " times");
                Set<String> missing = new TreeSet<>(acked);
                missing.removeAll(ledger);
                assertThat(missing)
                        .as("acknowledged, and not in the ledger: " + missing)
                        .isEmpty();
                pair.east.awaitReady(PROGRESS);
            }
            assertThat(skipped)
                    .as("times that Kafka skipped markers: without one nothing is shown")
                    .isPositive();
        }
    }

    private void commitUntilTheBrokerDies(KafkaServer east, String round) throws InterruptedException {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(PRODUCERS);
        int before = acked.size();
        for (int i = 0; i < PRODUCERS; i++) {
            String id = "producer-" + i;
            threads.execute(() -> commit(east, id, round, over));
        }
        await().atMost(SOON).until(() -> acked.size() > before + PRODUCERS * 20);
        east.processes().forEach(ServerProcess::signalKill);
        east.kill();
        over.set(true);
        threads.shutdown();
        assertThat(threads.awaitTermination(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** As producers that are started again: from then on the coordinator no longer tells how their last commit ended. */
    private static void beginAnew(KafkaServer east) {
        for (int i = 0; i < PRODUCERS; i++) {
            try (KafkaProducer<byte[], byte[]> producer = producer(east, "producer-" + i)) {
                producer.initTransactions();
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(KafkaServer east, String id) {
        Map<String, Object> settings = new HashMap<>(east.client(Principal.ADMIN));
        settings.put("transactional.id", id);
        settings.put("request.timeout.ms", 1_500);
        settings.put("delivery.timeout.ms", 2_000);
        settings.put("max.block.ms", 10_000);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private void commit(KafkaServer east, String id, String round, AtomicBoolean over) {
        KafkaProducer<byte[], byte[]> producer = producer(east, id);
        try {
            producer.initTransactions();
            for (int number = 0; !over.get(); ) {
                List<String> values = new ArrayList<>();
                producer.beginTransaction();
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    String value = round + "-" + id + "-" + number++;
                    var unused = producer.send(new ProducerRecord<>(
                            MirrorPair.DELAYS, partition, null, value.getBytes(StandardCharsets.UTF_8)));
                    values.add(value);
                }
                producer.commitTransaction();
                acked.addAll(values);
            }
        } catch (KafkaException e) {
            over.set(true);
        } finally {
            producer.close(Duration.ofSeconds(1));
        }
    }

    /** As the controller does it: from the first moment on, until it works. */
    private static Set<String> ledger(RegionClients clients, StepRunContext steps) throws IOException {
        StepOutcome outcome = await().atMost(SOON)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> steps.outcome(new ExportLossLedgerStep(clients)), StepOutcome.Done.class::isInstance);
        String manifest = ((StepOutcome.Done) outcome).detail().path("manifest").asText();
        ObjectUri folder = ObjectUri.parse(manifest.replace("/" + LedgerManifest.NAME, ""));
        Set<String> values = new HashSet<>();
        new LedgerReader(LedgerFolder.of(clients.objectStore("west"), folder))
                .read(record -> values.add(new String(record.value().orElseThrow(), StandardCharsets.UTF_8)));
        return values;
    }

    /** As the broker's own log says. */
    private long skipped() throws IOException {
        try (var lines = Files.lines(directory.resolve("east/kafka-east.log"))) {
            return lines.filter(line -> line.contains(SKIPPED)).count();
        }
    }
}
