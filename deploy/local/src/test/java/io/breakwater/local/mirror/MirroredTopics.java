package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.ConnectorName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A flow, and what is done to its topics on both sides; a subclass starts it. */
@SuppressWarnings("NullAway.Init") // set when the subclass starts the flow
abstract class MirroredTopics {

    static final Duration SOON = Duration.ofMinutes(2);
    static final String MIRROR = new ConnectorName(MirrorPair.GROUP, "kafka-topic", MirrorPair.FLOW).toString();

    static MirrorPair pair;
    static MirrorReports reports;
    static Admin east;
    static Admin west;

    static void stopMirror() throws InterruptedException {
        assertThat(pair.connect.stop(MIRROR).ifOk()).isPresent();
        await().atMost(SOON)
                .until(() -> pair.connect
                        .status(MIRROR)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED")
                                && status.tasks().isEmpty())
                        .isPresent());
    }

    static void resumeMirror() throws InterruptedException {
        assertThat(pair.connect.resume(MIRROR).ifOk()).isPresent();
    }

    static long end(String topic) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        return west.listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset();
    }

    static void create(String topic, int partitions, Map<String, String> configs) throws Exception {
        east.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()).configs(configs)))
                .all()
                .get();
        awaitTopic(east, topic);
    }

    static void awaitTopic(Admin cluster, String topic) {
        await().atMost(SOON).until(() -> cluster.listTopics().names().get().contains(topic));
    }

    static void publish(String topic, int partition, String... values) throws Exception {
        publish(pair.east, topic, partition, values);
    }

    static void publish(KafkaServer cluster, String topic, int partition, String... values) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                cluster.client(Principal.APP), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String value : values) {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(topic, partition, bytes, bytes))
                        .get();
            }
        }
    }

    static void awaitValues(String topic, String... values) {
        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(values(topic)).containsExactlyInAnyOrder(values));
    }

    static List<String> values(String topic) {
        return LinearScan.of(pair.west.client(Principal.ADMIN), List.of(topic)).records().values().stream()
                .flatMap(List::stream)
                .map(record -> new String(record.value(), StandardCharsets.UTF_8))
                .toList();
    }
}
