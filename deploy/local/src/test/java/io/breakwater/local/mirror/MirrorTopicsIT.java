package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.ConnectorName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to topics as a whole: made, grown, made anew, cut; each test has topics of its own. */
class MirrorTopicsIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int LIMIT = 2_000_000;

    @TempDir
    private static Path directory;

    private static MirrorPair pair;
    private static Admin east;
    private static Admin west;

    @BeforeAll
    static void startFlow() throws Exception {
        pair = new MirrorPair(directory);
        pair.start(PROGRESS);
        east = Admin.create(pair.east.client(Principal.ADMIN));
        west = Admin.create(pair.west.client(Principal.ADMIN));
        String last = new ConnectorName(MirrorPair.GROUP, "kafka-topic", MirrorPair.FLOW).toString();
        await().atMost(SOON)
                .until(() ->
                        pair.connect.connectors().ifOk().orElse(new TreeSet<>()).contains(last));
        for (String connector : pair.connect.connectors().ifOk().orElseThrow()) {
            assertThat(pair.connect.resume(connector).ifOk()).as(connector).isPresent();
        }
        publish(MirrorPair.EVENTS, 0, "a", "b");
        awaitValues(MirrorPair.EVENTS, "a", "b");
        PROGRESS.line("the flow runs");
    }

    @AfterAll
    static void stop() {
        east.close();
        west.close();
        pair.close();
    }

    @Test
    void aRecordAtTheSourcesLimitFits() throws Exception {
        create("flights.sized", 1, Map.of("max.message.bytes", String.valueOf(LIMIT)));

        int bytes = largestThatTheSourceTakes("flights.sized");

        PROGRESS.line("a value of " + bytes + " bytes is the largest in a topic of " + LIMIT);
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> values("flights.sized").stream().anyMatch(value -> value.length() == bytes));
    }

    @Test
    void aTopicThatGrowsGrowsOnTheStandby() throws Exception {
        create("flights.grown", 1, Map.of());
        publish("flights.grown", 0, "before");
        awaitValues("flights.grown", "before");

        east.createPartitions(Map.of("flights.grown", NewPartitions.increaseTo(3)))
                .all()
                .get();

        publish("flights.grown", 2, "after");
        awaitValues("flights.grown", "before", "after");
    }

    @Test
    void aTopicMadeAnewIsRefusedUntilItsCopyIsDeleted() throws Exception {
        create("flights.anew", 1, Map.of());
        publish("flights.anew", 0, "old-1", "old-2");
        awaitValues("flights.anew", "old-1", "old-2");

        east.deleteTopics(List.of("flights.anew")).all().get();
        await().atMost(SOON).until(() -> !east.listTopics().names().get().contains("flights.anew"));
        create("flights.anew", 1, Map.of());
        publish("flights.anew", 0, "new-1", "new-2", "new-3");

        publish(MirrorPair.DELAYS, 0, "meanwhile");
        awaitValues(MirrorPair.DELAYS, "meanwhile");
        assertThat(values("flights.anew")).containsExactly("old-1", "old-2");

        west.deleteTopics(List.of("flights.anew")).all().get();
        awaitTopic(west, "flights.anew");
        restartMirror();
        awaitValues("flights.anew", "new-1", "new-2", "new-3");
    }

    private static void restartMirror() throws InterruptedException {
        String mirror = new ConnectorName(MirrorPair.GROUP, "kafka-topic", MirrorPair.FLOW).toString();
        assertThat(pair.connect.stop(mirror).ifOk()).isPresent();
        await().atMost(SOON)
                .until(() -> pair.connect
                        .status(mirror)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED")
                                && status.tasks().isEmpty())
                        .isPresent());
        assertThat(pair.connect.resume(mirror).ifOk()).isPresent();
    }

    private static int largestThatTheSourceTakes(String topic) throws Exception {
        Map<String, Object> settings = producer();
        settings.put("max.request.size", 2 * LIMIT);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int bytes = LIMIT - 50; bytes > LIMIT - 200; bytes--) {
                if (isTaken(
                        producer,
                        new ProducerRecord<>(topic, 0, null, "x".repeat(bytes).getBytes(StandardCharsets.US_ASCII)))) {
                    return bytes;
                }
            }
        }
        throw new AssertionError("no record near " + LIMIT + " bytes was taken");
    }

    private static boolean isTaken(KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record)
            throws InterruptedException {
        try {
            return producer.send(record).get().hasOffset();
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(RecordTooLargeException.class);
            return false;
        }
    }

    private static void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        east.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(configs)))
                .all()
                .get();
        awaitTopic(east, topic);
    }

    private static void awaitTopic(Admin cluster, String topic) {
        await().atMost(SOON).until(() -> cluster.listTopics().names().get().contains(topic));
    }

    private static void publish(String topic, int partition, String... values) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String value : values) {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(topic, partition, bytes, bytes))
                        .get();
            }
        }
    }

    private static Map<String, Object> producer() {
        return new HashMap<>(pair.east.client(Principal.APP));
    }

    private static void awaitValues(String topic, String... values) {
        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(values(topic)).containsExactlyInAnyOrder(values));
    }

    private static List<String> values(String topic) {
        return values(pair.west, topic);
    }

    private static List<String> values(KafkaServer cluster, String topic) {
        return LinearScan.of(cluster.client(Principal.ADMIN), List.of(topic)).records().values().stream()
                .flatMap(List::stream)
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
    }
}
