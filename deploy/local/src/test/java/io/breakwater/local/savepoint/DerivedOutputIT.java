package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.EarlierSnapshots;
import io.breakwater.controller.runbook.steps.RestoreJobsStep;
import io.breakwater.controller.runbook.steps.RestoredJob;
import io.breakwater.controller.runbook.steps.RewrittenRange;
import io.breakwater.controller.runbook.steps.Segments;
import io.breakwater.controller.runbook.steps.SelectRecoveryPointStep;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition.Outputs;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Job;
import io.breakwater.region.MirrorTail;
import io.breakwater.region.RegionClients;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The output of two jobs is mirrored, then they are restored in the other region. One declares its output only: it writes
 * a part of it once more, and how much that is, is reported, and held against what a reader there sees twice. The other
 * declares it as derived: a reader there sees only that twice which it wrote while the snapshot was taken.
 */
@Tag("full")
class DerivedOutputIT {

    private static final Flow FLOW = new Flow("east", "west");
    private static final Duration LONG = Duration.ofMinutes(4);
    private static final String OPEN = "flights.counts-open";
    private static final String GATED = "flights.counts-gated";
    private static final List<String> OUTPUTS = List.of(OPEN, GATED);

    private final List<Thread> threads = new ArrayList<>();

    @Test
    void whatIsDerivedIsHeldBackAndWhatIsNotIsReported(@TempDir Path directory) throws Exception {
        try (TwoClusters clusters = new TwoClusters(directory, 8)) {
            clusters.start();
            createOutputs(clusters);
            try (ReplicatedJobs jobs = new ReplicatedJobs(
                            clusters,
                            Map.of(
                                    "open",
                                    Map.of("outputs", OPEN),
                                    "gated",
                                    Map.of("outputs", GATED, "derived", Map.of("topics", GATED))));
                    RegionClients clients = new RegionClients(jobs.platform(), Duration.ofSeconds(30))) {
                CountedKeys input = new CountedKeys(clusters.east().client(Principal.APP), TwoClusters.INPUT);
                Thread producing = run(input);
                jobs.start(clients.flink("east"));
                awaitOutputPastSnapshots(clusters);

                stop(producing);
                endJobs(clients.flink("east"));
                jobs.stopFlow();
                Map<String, RestoredJob> restored = restored(clusters, jobs, clients);

                try (WrittenCounts open = counts(clusters, OPEN);
                        WrittenCounts gated = counts(clusters, GATED)) {
                    awaitAll(clusters, open);
                    awaitAll(clusters, gated);
                    assertReported(restored.get("open"), open.repeated());
                    assertHeldBack(restored.get("gated"), gated.repeated(), open.repeated());
                }
                assertNothingNeedsEarlierSnapshots(clients, jobs, restored.get("open"));
            } finally {
                for (Thread thread : threads) {
                    stop(thread);
                }
            }
        }
    }

    /** Once the next flow to west runs, what the one before has brought is deleted; the job that was restored goes on. */
    private static void assertNothingNeedsEarlierSnapshots(
            RegionClients clients, ReplicatedJobs jobs, RestoredJob restored) throws Exception {
        EarlierSnapshots earlier = new EarlierSnapshots(
                clients.objectStore("west"), jobs.platform().region("west").objectStore(), "flights");
        Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
        assertThat(earlier.expired("open", new Epoch(3), tomorrow, List.of(restored.restoredFrom())))
                .isEmpty();

        List<EarlierSnapshots.Folder> expired = earlier.expired("open", new Epoch(3), tomorrow, List.of());

        assertThat(expired).extracting(EarlierSnapshots.Folder::epoch).containsExactly(Epoch.FIRST);
        earlier.delete(expired.get(0));
        assertThat(clients.objectStore("west").list(expired.get(0).place())).isEmpty();
        FlinkRest flink = clients.flink("west");
        int before = flink.checkpoints(restored.jobId()).ifOk().orElseThrow().completedCount();
        await().atMost(LONG)
                .until(() ->
                        flink.checkpoints(restored.jobId()).ifOk().orElseThrow().completedCount() > before + 1);
        assertThat(flink.exceptions(restored.jobId()).ifOk()).contains(List.of());
    }

    private static WrittenCounts counts(TwoClusters clusters, String topic) {
        return new WrittenCounts(clusters.west().client(Principal.APP), topic, TwoClusters.PARTITIONS);
    }

    /** Nothing from the gate on is on the standby; in front of it is what was written while the snapshot was taken. */
    private static void assertHeldBack(RestoredJob job, long repeated, long withoutGate) {
        System.out.printf("held back: %d records seen twice: %s%n", repeated, job.notice());
        assertThat(job.writtenAgain())
                .allSatisfy(range -> assertThat(range.certainFrom()).isEqualTo(range.to()));
        long most = job.writtenAgain().stream()
                .mapToLong(range -> range.records().orElseThrow())
                .sum();
        assertThat(repeated).isLessThanOrEqualTo(most).isLessThan(withoutGate);
    }

    private static void assertReported(RestoredJob job, long repeated) {
        long most = job.writtenAgain().stream()
                .mapToLong(range -> range.records().orElseThrow())
                .sum();
        long least = job.writtenAgain().stream()
                .mapToLong(range -> range.certainRecords().orElseThrow())
                .sum();
        System.out.printf("seen twice: %d records, reported %d to %d: %s%n", repeated, least, most, job.notice());
        assertThat(repeated).isPositive().isBetween(least, most);
        assertThat(job.notice()).hasValueSatisfying(text -> assertThat(text).contains(String.valueOf(most), OPEN));
        assertThat(job.writtenAgain()).extracting(RewrittenRange::topic).containsOnly(OPEN);
    }

    private static void createOutputs(TwoClusters clusters) throws Exception {
        try (Admin admin = Admin.create(clusters.east().client(Principal.ADMIN))) {
            admin.createTopics(OUTPUTS.stream()
                            .map(topic -> new NewTopic(topic, TwoClusters.PARTITIONS, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
    }

    /** Two snapshots of each job are announced, and the source has more output than the newest one has. */
    private static void awaitOutputPastSnapshots(TwoClusters clusters) {
        await().atMost(LONG).pollInterval(Duration.ofSeconds(1)).until(() -> {
            Map<String, List<Receipt>> byJob = snapshots(clusters).stream()
                    .collect(Collectors.groupingBy(receipt -> receipt.asset().name()));
            List<Receipt> open = byJob.getOrDefault("open", List.of());
            List<Receipt> gated = byJob.getOrDefault("gated", List.of());
            return open.size() >= 2 && gated.size() >= 2 && isPassed(clusters, open) && isAtGate(clusters, gated);
        });
    }

    /** All that the newest snapshot wants is there; and more than that on the source. */
    private static boolean isAtGate(TwoClusters clusters, List<Receipt> receipts) throws Exception {
        OffsetVector gates = newest(receipts).gates();
        Map<PartitionKey, Long> written = ends(clusters.east(), gates.ends().keySet());
        return new OffsetVector(mirrored(clusters)).covers(gates)
                && gates.ends().entrySet().stream()
                        .allMatch(gate -> written.getOrDefault(gate.getKey(), 0L) > gate.getValue() + 20);
    }

    private static Outputs newest(List<Receipt> receipts) {
        return receipts.get(receipts.size() - 1).position().outputs().orElseThrow();
    }

    private static Map<PartitionKey, Long> mirrored(TwoClusters clusters) {
        Map<PartitionKey, Long> mirrored = new HashMap<>();
        receipts(clusters)
                .forEach(receipt -> mirrored.putAll(receipt.position().through().ends()));
        return mirrored;
    }

    private static Map<PartitionKey, Long> ends(KafkaServer cluster, Set<PartitionKey> partitions) throws Exception {
        Map<PartitionKey, Long> ends = new HashMap<>();
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            admin.listOffsets(partitions.stream()
                            .collect(Collectors.toMap(
                                    key -> new TopicPartition(key.topic(), key.partition()),
                                    key -> OffsetSpec.latest())))
                    .all()
                    .get()
                    .forEach((partition, end) ->
                            ends.put(new PartitionKey(partition.topic(), partition.partition()), end.offset()));
        }
        return ends;
    }

    private static boolean isPassed(TwoClusters clusters, List<Receipt> receipts) {
        Map<PartitionKey, Long> mirrored = mirrored(clusters);
        return newest(receipts).after().ends().entrySet().stream()
                .allMatch(end -> mirrored.getOrDefault(end.getKey(), 0L) > end.getValue() + 20);
    }

    private static List<Receipt> snapshots(TwoClusters clusters) {
        return receipts(clusters).stream()
                .filter(receipt -> receipt.asset().kind().equals(AssetSpec.FLINK_JOB))
                .collect(Collectors.toMap(
                        receipt -> receipt.asset() + " " + receipt.position().version(),
                        r -> r,
                        (a, b) -> a,
                        TreeMap::new))
                .values()
                .stream()
                .toList();
    }

    /** All that were announced on west, oldest first. */
    private static List<Receipt> receipts(TwoClusters clusters) {
        Map<String, Object> settings = new HashMap<>(clusters.west().client(Principal.ADMIN));
        settings.put("isolation.level", "read_committed");
        TopicPartition partition = new TopicPartition(Receipt.TOPIC, 0);
        List<Receipt> receipts = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            if (consumer.partitionsFor(Receipt.TOPIC).isEmpty()) {
                return receipts;
            }
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> receipts.add(Receipt.fromJson(record.value())));
            }
        }
        return receipts.stream().filter(receipt -> receipt.health().isEmpty()).toList();
    }

    private static Map<String, RestoredJob> restored(TwoClusters clusters, ReplicatedJobs jobs, RegionClients clients)
            throws Exception {
        Segments segments = segments(clusters);
        List<Receipt> receipts = receipts(clusters);
        RecoveryPoint none = new RecoveryPoint("flights", FLOW, Instant.EPOCH, OffsetVector.EMPTY, new TreeMap<>());
        RestoreContext fenced =
                new RestoreContext(jobs.platform(), FLOW, new Epoch(2), receipts, none, Optional.of(segments));
        RecoveryPoint point = detail(new SelectRecoveryPointStep().run(fenced), RecoveryPoint.class);
        RestoreContext selected =
                new RestoreContext(jobs.platform(), FLOW, new Epoch(2), receipts, point, Optional.of(segments));
        return detail(new RestoreJobsStep(clients).run(selected), RestoredJob.All.class).jobs().stream()
                .collect(Collectors.toMap(RestoredJob::job, job -> job));
    }

    private static <T> T detail(StepOutcome outcome, Class<T> type) throws Exception {
        assertThat(outcome).isInstanceOf(StepOutcome.Done.class);
        return Json.MAPPER.treeToValue(((StepOutcome.Done) outcome).detail(), type);
    }

    private static Segments segments(TwoClusters clusters) throws Exception {
        List<PartitionKey> partitions = new ArrayList<>();
        List<String> topics = new ArrayList<>(OUTPUTS);
        topics.add(TwoClusters.INPUT);
        topics.forEach(topic -> IntStream.range(0, TwoClusters.PARTITIONS)
                .forEach(partition -> partitions.add(new PartitionKey(topic, partition))));
        SortedMap<PartitionKey, Segments.Segment> ends = new TreeMap<>();
        try (MirrorTail tail = new MirrorTail(clusters.west().client(Principal.ADMIN))) {
            tail.read(clusters.eastClusterId(), partitions)
                    .forEach((partition, end) -> ends.put(
                            partition,
                            new Segments.Segment(end.sourceEnd(), end.targetEnd(), end.lastTimestamp(), 0, 0)));
        }
        return new Segments(Optional.of(clusters.eastClusterId().toString()), ends);
    }

    /** Each count of each key that has come to west is written, by the first job or by the restored one. */
    private static void awaitAll(TwoClusters clusters, WrittenCounts output) {
        Map<String, Integer> keys;
        try (WrittenCounts input =
                new WrittenCounts(clusters.west().client(Principal.APP), TwoClusters.INPUT, TwoClusters.PARTITIONS)) {
            await().atMost(LONG).until(() -> {
                int before = input.times().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum();
                return before > 0
                        && before
                                == input.times().values().stream()
                                        .mapToInt(Integer::intValue)
                                        .sum();
            });
            keys = Map.copyOf(input.times());
        }
        List<String> expected = keys.entrySet().stream()
                .flatMap(key -> IntStream.rangeClosed(1, key.getValue())
                        .mapToObj(count -> key.getKey() + " " + count + " true"))
                .toList();
        await().atMost(LONG).until(() -> output.times().keySet().containsAll(expected));
        assertThat(output.times()).containsOnlyKeys(expected);
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
