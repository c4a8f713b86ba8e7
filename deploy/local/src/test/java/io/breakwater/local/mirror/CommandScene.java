package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.region.ProvenanceStamp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Two clusters with all that the commands have to tell apart: what is mirrored, stamped, lost, aborted, trimmed. */
final class CommandScene {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    static final List<String> TOPICS = List.of(MirrorPair.EVENTS, MirrorPair.DELAYS);
    private static final String CONNECTOR = MirrorPair.GROUP + ".kafka-topic." + MirrorPair.FLOW;
    static final String BILLING = "billing";
    private static final int ENOUGH = 1_500;
    /** Mirrored before the stamp was switched on, as far as the commands can see. */
    static final String LATE = "flights.late";

    static final int UNSTAMPED = 1_100;

    private CommandScene() {}

    static void mirrorByHand(MirrorPair pair, Uuid source, Uuid topicId) throws Exception {
        createTopic(pair.west, "east.orders");
        try (KafkaProducer<byte[], byte[]> toEast = producer(pair.east, Map.of());
                KafkaProducer<byte[], byte[]> toWest = producer(pair.west, Map.of())) {
            for (int offset = 0; offset < 5; offset++) {
                toEast.send(new ProducerRecord<>("orders", bytes("order-" + offset)))
                        .get();
                if (offset < 3) {
                    ProducerRecord<byte[], byte[]> copy = new ProducerRecord<>("east.orders", bytes("order-" + offset));
                    copy.headers()
                            .add(ProvenanceStamp.HEADER, new ProvenanceStamp(source, topicId, 0, offset).toBytes());
                    toWest.send(copy).get();
                }
            }
        }
    }

    static void writeUnstamped(MirrorPair pair) throws Exception {
        for (KafkaServer cluster : List.of(pair.east, pair.west)) {
            createTopic(cluster, LATE);
            try (KafkaProducer<byte[], byte[]> producer = producer(cluster, Map.of())) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (int i = 0; i < UNSTAMPED; i++) {
                    sent.add(producer.send(new ProducerRecord<>(LATE, bytes("record-" + i))));
                }
                for (Future<RecordMetadata> record : sent) {
                    record.get();
                }
            }
        }
    }

    /** Plain and transactional records, some of them aborted, all mirrored; then the mirror is stopped. */
    static void mirrorSomeTraffic(MirrorPair pair) throws Exception {
        await().atMost(SOON)
                .until(() -> pair.connect
                        .status(CONNECTOR)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED"))
                        .isPresent());
        assertThat(pair.connect.resume(CONNECTOR).ifOk()).isPresent();
        try (MirrorTraffic traffic = new MirrorTraffic(pair.east, "mirrored")) {
            await().atMost(SOON).until(() -> traffic.acked().size() >= ENOUGH);
        }
        long all = records(pair.east, TOPICS);
        await().atMost(SOON).ignoreExceptions().until(() -> records(pair.west, TOPICS) == all);
        await().atMost(SOON).ignoreExceptions().until(() -> records(pair.west, List.of(LATE)) == 2 * UNSTAMPED);
        assertThat(pair.connect.stop(CONNECTOR).ifOk()).isPresent();
        await().atMost(SOON)
                .until(() -> pair.connect
                        .status(CONNECTOR)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED")
                                && status.tasks().isEmpty())
                        .isPresent());
        PROGRESS.line(all + " records are mirrored");
    }

    private static long records(KafkaServer cluster, List<String> topics) {
        return LinearScan.of(cluster.client(Principal.ADMIN), topics).records().values().stream()
                .mapToLong(List::size)
                .sum();
    }

    /** At the begin, in the middle, and past the end of what is mirrored. */
    static void setPositions(KafkaServer east) throws Exception {
        LinearScan scan = LinearScan.of(east.client(Principal.ADMIN), TOPICS);
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        scan.records().forEach((partition, records) -> {
            ConsumerRecord<byte[], byte[]> last = records.get(records.size() - 1);
            long offset = partition.topic().equals(MirrorPair.DELAYS) && partition.partition() == 0
                    ? last.offset() + 1
                    : last.offset() * (1 + partition.partition()) / 3;
            positions.put(new TopicPartition(partition.topic(), partition.partition()), new OffsetAndMetadata(offset));
        });
        positions.put(new TopicPartition(LATE, 0), new OffsetAndMetadata(5));
        try (Admin admin = Admin.create(east.client(Principal.ADMIN))) {
            admin.alterConsumerGroupOffsets(BILLING, positions).all().get();
        }
    }

    /** Of every kind that a ledger has to tell apart; one more is in an aborted transaction, one retention takes. */
    static void loseSomeRecords(KafkaServer east) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(east, Map.of())) {
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, bytes("lost-0"), bytes("value")))
                    .get();
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, null, bytes("value")))
                    .get();
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, bytes("lost-2"), null))
                    .get();
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, new byte[0], new byte[0]))
                    .get();
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(MirrorPair.EVENTS, 1, bytes("lost-4"), bytes("value"));
            record.headers().add("origin", bytes("tower")).add("origin", null);
            producer.send(record).get();
            for (int i = 6; i < 9; i++) {
                producer.send(new ProducerRecord<>(LATE, bytes("lost-" + i), bytes("value")))
                        .get();
            }
        }
        try (Admin admin = Admin.create(east.client(Principal.ADMIN))) {
            admin.deleteRecords(Map.of(new TopicPartition(LATE, 0), RecordsToDelete.beforeOffset(UNSTAMPED + 1)))
                    .all()
                    .get();
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(east, Map.of("transactional.id", "lost"))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(MirrorPair.DELAYS, 1, bytes("lost-5"), bytes("committed")))
                    .get();
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(MirrorPair.DELAYS, 1, bytes("never"), bytes("aborted")))
                    .get();
            producer.abortTransaction();
        }
    }

    static Uuid createTopic(KafkaServer cluster, String name) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            return admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)))
                    .topicId(name)
                    .get();
        }
    }

    static KafkaProducer<byte[], byte[]> producer(KafkaServer cluster, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(cluster.client(Principal.ADMIN));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static void publish(KafkaServer cluster, TopicPartition partition, String text, int records) {
        try (KafkaProducer<byte[], byte[]> producer = producer(cluster, Map.of())) {
            for (int i = 0; i < records; i++) {
                byte[] value = bytes(text + " " + i);
                var unused = producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), null, value));
            }
            producer.flush();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
