package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.RestoreJobsStep;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.FlinkRest.Submission;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.flink.SavepointMirrorTask;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job with large state is carried over by its own incremental checkpoints: of the next one only what is new travels,
 * and the job goes on from files that several snapshots on the standby have in common.
 */
@Tag("full")
class RetainedCheckpointIT {

    private static final Flow FLOW = new Flow("east", "west");
    private static final AssetId JOB = new AssetId("flink-job", "large-state");
    private static final int MEBIBYTES = Integer.getInteger("breakwater.state-mebibytes", 400);
    private static final int VALUE_BYTES = 10 << 10;
    private static final int KEYS = MEBIBYTES * ((1 << 20) / VALUE_BYTES);
    private static final int FEW_KEYS = 500;
    private static final int CHANGED_ONE_OF = 100;
    private static final double MOST_MOVED = 0.05;
    private static final long SETTLED_BYTES = 1 << 20;
    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void ofALargeStateOnlyWhatChangedTravels(@TempDir Path directory) throws Exception {
        try (TwoClusters clusters = new TwoClusters(directory, 4, job(directory))) {
            clusters.start();
            List<String> all = IntStream.range(0, KEYS).mapToObj(i -> "k" + i).toList();
            List<String> some = IntStream.range(0, KEYS / CHANGED_ONE_OF)
                    .mapToObj(i -> "k" + i * CHANGED_ONE_OF)
                    .toList();
            Thread mirror = mirror(clusters);
            try (RegionClients clients = new RegionClients(clusters.platform(), Duration.ofSeconds(30))) {
                submitOnEast(clusters, clients.flink("east"));
                send(clusters, all);
                MirroredSnapshots snapshots = new MirroredSnapshots(clients.objectStore("west"));
                SavepointMirrorTask task = new SavepointMirrorTask();
                task.start(FlowConfig.settings(clusters.platformFile(), "flights", FLOW));
                try {
                    await().atMost(LONG).until(() -> {
                        snapshots.poll(task);
                        return snapshots.newestPosition() == KEYS && snapshots.newestMoved() < SETTLED_BYTES;
                    });
                    long settled = snapshots.moved();
                    send(clusters, some);
                    await().atMost(LONG).until(() -> {
                        snapshots.poll(task);
                        return snapshots.newestPosition() == KEYS + some.size();
                    });
                    long moved = snapshots.moved() - settled;
                    System.out.printf(
                            "state of %,d bytes, one of %d keys changed: %,d bytes moved, %.2f %%%n",
                            snapshots.newestSize(), CHANGED_ONE_OF, moved, 100.0 * moved / snapshots.newestSize());
                    assertThat(snapshots.newestSize()).isGreaterThan((long) KEYS * VALUE_BYTES);
                    assertThat(moved)
                            .isBetween((long) some.size() * VALUE_BYTES, (long) (MOST_MOVED * snapshots.newestSize()));
                } finally {
                    task.stop();
                }

                restore(clusters, clients, snapshots.receipts());
                send(clusters, some);

                assertThat(thirdTimes(clusters, some.size()))
                        .hasSize(some.size())
                        .containsOnlyKeys(some);
            } finally {
                end(mirror);
            }
        }
    }

    /** The cluster gives each job a changelog. If a restored one had it too, no checkpoint of it would complete. */
    @Test
    void aChangelogIsCarriedOverThoughTheClusterHasItForAllJobs(@TempDir Path directory) throws Exception {
        Map<String, String> changelog = Map.of("state.changelog.enabled", "true");
        try (TwoClusters clusters = new TwoClusters(directory, 4, job(directory), changelog)) {
            clusters.start();
            List<String> few =
                    IntStream.range(0, FEW_KEYS).mapToObj(i -> "k" + i).toList();
            Thread mirror = mirror(clusters);
            try (RegionClients clients = new RegionClients(clusters.platform(), Duration.ofSeconds(30))) {
                submitOnEast(clusters, clients.flink("east"));
                MirroredSnapshots snapshots = new MirroredSnapshots(clients.objectStore("west"));
                SavepointMirrorTask task = new SavepointMirrorTask();
                task.start(FlowConfig.settings(clusters.platformFile(), "flights", FLOW));
                try {
                    for (int times = 1; times <= 2; times++) {
                        send(clusters, few);
                        long sent = (long) times * FEW_KEYS;
                        await().atMost(LONG).until(() -> {
                            snapshots.poll(task);
                            return snapshots.newestPosition() == sent;
                        });
                    }
                } finally {
                    task.stop();
                }
                assertThat(newest(snapshots, clients).operators())
                        .anySatisfy(operator -> assertThat(operator.handles()).contains("changelog"));

                restore(clusters, clients, snapshots.receipts());
                send(clusters, few);

                assertThat(thirdTimes(clusters, FEW_KEYS)).containsOnlyKeys(few);
            } finally {
                end(mirror);
            }
        }
    }

    private static Snapshot newest(MirroredSnapshots snapshots, RegionClients clients) {
        List<Receipt> receipts = snapshots.receipts();
        ObjectUri place = ObjectUri.parse(
                receipts.get(receipts.size() - 1).position().location().orElseThrow());
        ObjectStore west = clients.objectStore("west");
        return Snapshot.open(place, west.get(place.resolve(Snapshot.METADATA)).orElseThrow(), west::get);
    }

    private static Thread mirror(TwoClusters clusters) throws Exception {
        Thread mirror = new Thread(new ShiftingMirror(
                clusters.east().client(Principal.MIRROR),
                clusters.west().client(Principal.MIRROR),
                TwoClusters.partitions(),
                clusters.eastClusterId(),
                1));
        mirror.start();
        return mirror;
    }

    private static void end(Thread mirror) throws InterruptedException {
        mirror.interrupt();
        mirror.join(Duration.ofSeconds(30).toMillis());
    }

    private static Map<String, Object> job(Path directory) {
        return Map.of(
                "name",
                JOB.name(),
                "entryClass",
                "io.breakwater.local.job.LargeStateJob",
                "args",
                "--bootstrap {bootstrap} --client-config " + directory.resolve("pipeline.properties") + " --bytes "
                        + VALUE_BYTES + " --set-execution.checkpointing.interval 5s"
                        + " --set-state.backend.rocksdb.memory.fixed-per-slot 96mb",
                "snapshot",
                Map.of("every", "PT2S", "kind", "retained-checkpoint"));
    }

    private static void submitOnEast(TwoClusters clusters, FlinkRest flink) throws Exception {
        String arguments = String.valueOf(job(clusters.directory()).get("args"))
                .replace("{bootstrap}", clusters.east().bootstrap());
        String jar = flink.upload(clusters.jar()).ifOk().orElseThrow();
        Submission submission =
                Submission.fresh("io.breakwater.local.job.LargeStateJob", 2, Arrays.asList(arguments.split(" ")));
        assertThat(flink.run(jar, submission).ifOk()).isPresent();
    }

    private static void send(TwoClusters clusters, List<String> keys) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                clusters.east().client(Principal.APP), new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (String key : keys) {
                sent.add(producer.send(new ProducerRecord<>(TwoClusters.INPUT, key, key)));
            }
            for (Future<RecordMetadata> acknowledgement : sent) {
                acknowledgement.get();
            }
        }
    }

    private static void restore(TwoClusters clusters, RegionClients clients, List<Receipt> receipts) throws Exception {
        Receipt newest = receipts.get(receipts.size() - 1);
        RecoveryPoint point = new RecoveryPoint(
                "flights",
                FLOW,
                newest.position().sourceTime(),
                newest.position().inputs(),
                new TreeMap<>(Map.of(JOB, newest.position())));
        StepOutcome outcome = new RestoreJobsStep(clients)
                .run(new RestoreContext(clusters.platform(), FLOW, new Epoch(2), List.of(newest), point));
        assertThat(outcome).isInstanceOf(StepOutcome.Done.class);
    }

    /** By key, what the restored job says of it: that it came the third time, and its state was what it should be. */
    private static Map<String, String> thirdTimes(TwoClusters clusters, int count) {
        Map<String, Object> settings = new HashMap<>(clusters.west().client(Principal.APP));
        settings.put("isolation.level", "read_committed");
        Map<String, String> third = new HashMap<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, TwoClusters.PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(TwoClusters.OUTPUT, partition))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            await().atMost(LONG).until(() -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    String[] words = record.value().split(" ", 3);
                    assertThat(words[2]).as(record.value()).isEqualTo("true");
                    assertThat(Integer.parseInt(words[1])).as(record.value()).isLessThan(4);
                    if (words[1].equals("3")) {
                        third.put(words[0], record.value());
                    }
                }
                return third.size() == count;
            });
        }
        return third;
    }
}
