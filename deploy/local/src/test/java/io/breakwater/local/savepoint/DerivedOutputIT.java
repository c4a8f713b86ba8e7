package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.RestoreJobsStep;
import io.breakwater.controller.runbook.steps.RestoredJob;
import io.breakwater.controller.runbook.steps.RewrittenRange;
import io.breakwater.controller.runbook.steps.Segments;
import io.breakwater.controller.runbook.steps.SelectRecoveryPointStep;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job's output is mirrored, then the job is restored in the other region and writes a part of it once more. How much
 * that is, is reported, and held against what a reader there sees twice.
 */
@Tag("full")
class DerivedOutputIT {

    private static final Flow FLOW = new Flow("east", "west");
    private static final Duration LONG = Duration.ofMinutes(4);
    private static final String OPEN = "flights.counts-open";

    private final List<Thread> threads = new ArrayList<>();

    @Test
    void whatTheRestoredJobWritesAgainIsReported(@TempDir Path directory) throws Exception {
        try (TwoClusters clusters = new TwoClusters(directory, 8)) {
            clusters.start();
            createOutputs(clusters, List.of(OPEN));
            try (ReplicatedJobs jobs = new ReplicatedJobs(clusters, Map.of("open", Map.of("outputs", OPEN)));
                    RegionClients clients = new RegionClients(jobs.platform(), Duration.ofSeconds(30))) {
                CountedKeys input = new CountedKeys(clusters.east().client(Principal.APP), TwoClusters.INPUT);
                Thread producing = run(input);
                jobs.start(clients.flink("east"));
                awaitOutputPastSnapshots(clusters, List.of(OPEN));

                stop(producing);
                endJobs(clients.flink("east"));
                jobs.stopFlow();
                Map<String, RestoredJob> restored = restored(clusters, jobs, clients, List.of(OPEN));

                try (WrittenCounts output =
                        new WrittenCounts(clusters.west().client(Principal.APP), OPEN, TwoClusters.PARTITIONS)) {
                    awaitAll(clusters, output);
                    assertReported(restored.get("open"), output.repeated());
                }
            } finally {
                for (Thread thread : threads) {
                    stop(thread);
                }
            }
        }
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

    private static void createOutputs(TwoClusters clusters, List<String> topics) throws Exception {
        try (Admin admin = Admin.create(clusters.east().client(Principal.ADMIN))) {
            admin.createTopics(topics.stream()
                            .map(topic -> new NewTopic(topic, TwoClusters.PARTITIONS, (short) 1))
                            .toList())
                    .all()
                    .get();
        }
    }

    /** Two snapshots of each job are announced, and more of its output is on west than the newest one has. */
    private static void awaitOutputPastSnapshots(TwoClusters clusters, List<String> outputs) {
        await().atMost(LONG).pollInterval(Duration.ofSeconds(1)).until(() -> {
            Map<String, List<Receipt>> byJob = snapshots(clusters).stream()
                    .collect(Collectors.groupingBy(receipt -> receipt.asset().name()));
            return byJob.size() == outputs.size()
                    && byJob.values().stream()
                            .allMatch(receipts -> receipts.size() >= 2 && isPassed(clusters, receipts));
        });
    }

    private static boolean isPassed(TwoClusters clusters, List<Receipt> receipts) {
        OffsetVector after = receipts.get(receipts.size() - 1)
                .position()
                .outputs()
                .orElseThrow()
                .after();
        Map<PartitionKey, Long> mirrored = new HashMap<>();
        receipts(clusters)
                .forEach(receipt -> mirrored.putAll(receipt.position().through().ends()));
        return after.ends().entrySet().stream()
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

    private static Map<String, RestoredJob> restored(
            TwoClusters clusters, ReplicatedJobs jobs, RegionClients clients, List<String> outputs) throws Exception {
        Segments segments = segments(clusters, outputs);
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

    private static Segments segments(TwoClusters clusters, List<String> outputs) throws Exception {
        List<PartitionKey> partitions = new ArrayList<>();
        List<String> topics = new ArrayList<>(outputs);
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
