package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.RestoreJobsStep;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.FlinkRest.Submission;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.MirroredThrough;
import io.breakwater.region.RegionClients;
import io.breakwater.region.SegmentTopic;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.flink.SavepointMirrorTask;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTransactionsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job goes to the other region and comes back. What the flow back carries begins in the middle of both clusters'
 * partitions, and the job has positions on either side of that. In the end each event counts once, wherever it was sent.
 */
@Tag("full")
class JobLegsIT {

    private static final Flow THERE = new Flow("east", "west");
    private static final Flow BACK = THERE.reversed();
    private static final AssetId JOB = new AssetId("flink-job", TwoClusters.JOB);
    private static final Duration LONG = Duration.ofMinutes(4);

    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (Thread thread : threads) {
            stop(thread);
        }
    }

    @Test
    void theJobComesBackWithEachEventAppliedOnce(@TempDir Path directory) throws Exception {
        try (TwoClusters clusters = new TwoClusters(directory, 4)) {
            clusters.start();
            try (RegionClients clients = new RegionClients(clusters.platform(), Duration.ofSeconds(30))) {
                AirportInput input = new AirportInput(clusters.east().client(Principal.APP), TwoClusters.INPUT);
                submitOnEast(clusters, clients.flink("east"));
                List<Receipt> there = leg(clusters, clients, THERE, input, SegmentHistory.NONE, Map.of());
                leaveOpen(clusters.east());
                endTransactions(clusters.east());
                endTransactions(clusters.west());
                SegmentHistory history = turned(clusters);
                publish(clusters.east(), history);

                restore(clusters, clients, THERE, new Epoch(2), there);
                AirportInput more = input.goingOn(clusters.west().client(Principal.APP));
                List<Receipt> back = leg(clusters, clients, BACK, more, history, begins(history));

                assertThat(newest(back).position().location())
                        .hasValueSatisfying(
                                place -> assertThat(place).startsWith("s3://flink-east/breakwater-epoch-2/"));
                try (JobOutput output = new JobOutput(
                        clusters.east().client(Principal.APP), TwoClusters.OUTPUT, TwoClusters.PARTITIONS)) {
                    restore(clusters, clients, BACK, new Epoch(3), back);
                    await().atMost(LONG)
                            .until(() -> output.newest().values().stream()
                                            .mapToLong(delays -> delays.events() + delays.duplicates())
                                            .sum()
                                    >= more.events());
                    assertThat(output.newest()).isEqualTo(more.expected());
                }
            }
        }
    }

    /** The job runs, its input and its savepoints are mirrored; then all of it ends. What was announced. */
    private List<Receipt> leg(
            TwoClusters clusters,
            RegionClients clients,
            Flow flow,
            AirportInput input,
            SegmentHistory history,
            Map<TopicPartition, Long> from)
            throws Exception {
        KafkaServer source = cluster(clusters, flow.from());
        KafkaServer target = cluster(clusters, flow.to());
        Thread producing = run(input);
        Thread mirroring = run(new ShiftingMirror(
                source.client(Principal.MIRROR),
                target.client(Principal.MIRROR),
                TwoClusters.partitions(),
                TwoClusters.clusterId(source),
                flow.hashCode(),
                topic -> topic,
                from));
        List<Receipt> receipts = announced(clusters, flow);
        long atSavepoint = input.events();
        await().atMost(LONG).until(() -> input.events() > atSavepoint + 500);
        stop(producing);
        endJobs(clients.flink(flow.from()));
        List<PartitionKey> keys = TwoClusters.partitions().stream()
                .map(partition -> new PartitionKey(partition.topic(), partition.partition()))
                .toList();
        try (MirroredThrough through =
                new MirroredThrough(KafkaSettings.mirror(source.cluster()), KafkaSettings.mirror(target.cluster()))) {
            await().atMost(LONG)
                    .until(() -> through.read(keys, history.open(flow))
                            .missingSince()
                            .isEmpty());
        }
        stop(mirroring);
        return receipts;
    }

    /** Two snapshots: the second one is taken while the flow runs for a while already. */
    private static List<Receipt> announced(TwoClusters clusters, Flow flow) {
        SavepointMirrorTask task = new SavepointMirrorTask();
        task.start(FlowConfig.settings(clusters.platformFile(), "flights", flow));
        Map<String, Receipt> receipts = new TreeMap<>();
        try {
            await().atMost(LONG).until(() -> {
                List<SourceRecord> records = task.poll();
                for (SourceRecord record : records == null ? List.<SourceRecord>of() : records) {
                    Receipt receipt = Receipt.fromJson((byte[]) record.value());
                    receipts.put(receipt.position().version().orElseThrow(), receipt);
                }
                return receipts.size() >= 2;
            });
        } finally {
            task.stop();
        }
        return List.copyOf(receipts.values());
    }

    /** A transaction on the output, as a job that is cancelled in the middle of one leaves it. */
    private static void leaveOpen(KafkaServer cluster) throws Exception {
        Map<String, Object> settings = new HashMap<>(cluster.client(Principal.APP));
        settings.put("transactional.id", "left-open");
        settings.put("transaction.timeout.ms", 120_000);
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(TwoClusters.OUTPUT, 0, "left", "open"))
                .get();
        // Without a limit it would abort what is open.
        producer.close(Duration.ZERO);
    }

    /**
     * As the runbooks' steps do before a flow comes back. What is left open is open until its transaction times out, and
     * as long, nothing that the flow writes after it can be read: so no snapshot would be covered.
     */
    private static void endTransactions(KafkaServer cluster) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            List<String> open = admin
                    .listTransactions(new ListTransactionsOptions().filterStates(Set.of(TransactionState.ONGOING)))
                    .all()
                    .get()
                    .stream()
                    .map(TransactionListing::transactionalId)
                    .toList();
            admin.fenceProducers(open).all().get();
            await().atMost(LONG)
                    .until(() -> ends(cluster, IsolationLevel.READ_COMMITTED)
                            .equals(ends(cluster, IsolationLevel.READ_UNCOMMITTED)));
        }
    }

    /** The flow there has ended where the clusters end now, and the one back begins there. */
    private static SegmentHistory turned(TwoClusters clusters) throws Exception {
        Map<TopicPartition, Long> east = ends(clusters.east(), IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, Long> west = ends(clusters.west(), IsolationLevel.READ_UNCOMMITTED);
        TreeMap<PartitionKey, Range> there = new TreeMap<>();
        TreeMap<PartitionKey, Range> back = new TreeMap<>();
        east.forEach((partition, end) -> {
            PartitionKey key = new PartitionKey(partition.topic(), partition.partition());
            long onWest = west.getOrDefault(partition, 0L);
            there.put(key, Range.closed(0, end, 0, onWest));
            back.put(key, Range.openFrom(onWest, end));
        });
        return new SegmentHistory(List.of(
                new Segment(
                        Epoch.FIRST,
                        THERE,
                        false,
                        Optional.of(TwoClusters.clusterId(clusters.east()).toString()),
                        new TreeMap<>(),
                        there),
                new Segment(
                        new Epoch(2),
                        BACK,
                        true,
                        Optional.of(TwoClusters.clusterId(clusters.west()).toString()),
                        new TreeMap<>(),
                        back)));
    }

    private static Map<TopicPartition, Long> begins(SegmentHistory history) {
        return history.open(BACK).orElseThrow().partitions().entrySet().stream()
                .collect(Collectors.toMap(
                        range -> new TopicPartition(
                                range.getKey().topic(), range.getKey().partition()),
                        range -> range.getValue().sourceFrom()));
    }

    private static Map<TopicPartition, Long> ends(KafkaServer cluster, IsolationLevel isolation) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            return admin
                    .listOffsets(
                            TwoClusters.partitions().stream()
                                    .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest())),
                            new ListOffsetsOptions(isolation))
                    .all()
                    .get()
                    .entrySet()
                    .stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, end -> end.getValue().offset()));
        }
    }

    private static void publish(KafkaServer cluster, SegmentHistory history) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            SegmentTopic.publish(admin, cluster.client(Principal.ADMIN), "flights", history);
        }
    }

    private static void restore(
            TwoClusters clusters, RegionClients clients, Flow flow, Epoch epoch, List<Receipt> receipts)
            throws Exception {
        Receipt newest = newest(receipts);
        RecoveryPoint point = new RecoveryPoint(
                "flights",
                flow,
                newest.position().sourceTime(),
                newest.position().inputs(),
                new TreeMap<>(Map.of(JOB, newest.position())));
        StepOutcome outcome =
                new RestoreJobsStep(clients).run(new RestoreContext(clusters.platform(), flow, epoch, receipts, point));
        assertThat(outcome).isInstanceOf(StepOutcome.Done.class);
    }

    private static Receipt newest(List<Receipt> receipts) {
        return receipts.get(receipts.size() - 1);
    }

    private static void submitOnEast(TwoClusters clusters, FlinkRest flink) throws Exception {
        String arguments = clusters.arguments()
                .replace("{bootstrap}", clusters.east().bootstrap())
                .replace("{region}", "east")
                .replace("{epoch}", "1");
        String jar = flink.upload(clusters.jar()).ifOk().orElseThrow();
        Submission submission =
                Submission.fresh("io.breakwater.local.job.DelayByAirportJob", 2, Arrays.asList(arguments.split(" ")));
        assertThat(flink.run(jar, submission).ifOk()).isPresent();
    }

    private static void endJobs(FlinkRest flink) throws InterruptedException {
        for (Job job : running(flink)) {
            flink.cancel(job.id());
        }
        await().atMost(LONG).until(() -> running(flink).isEmpty());
    }

    private static List<Job> running(FlinkRest flink) throws InterruptedException {
        return flink.jobs().ifOk().orElseThrow().stream()
                .filter(job -> !job.terminal())
                .toList();
    }

    private static KafkaServer cluster(TwoClusters clusters, String region) {
        return region.equals("east") ? clusters.east() : clusters.west();
    }

    private Thread run(Runnable work) {
        Thread thread = new Thread(work, work.getClass().getSimpleName());
        threads.add(thread);
        thread.start();
        return thread;
    }

    private static void stop(Thread thread) throws InterruptedException {
        thread.interrupt();
        thread.join(Duration.ofSeconds(30).toMillis());
        assertThat(thread.isAlive()).isFalse();
    }
}
