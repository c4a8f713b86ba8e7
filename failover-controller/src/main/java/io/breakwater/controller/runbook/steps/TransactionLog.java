package io.breakwater.controller.runbook.steps;

import io.breakwater.region.KafkaAnswer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;

/**
 * What the coordinators of a cluster wrote down about transactions, in the topic {@code __transaction_state}: also what
 * they no longer tell, because a producer began anew. The topic is compacted, but not its last segment, of 100 MB if
 * nothing else is set. Needs READ on the topic. Methods throw KafkaException if the cluster is silent.
 */
final class TransactionLog {

    private static final String TOPIC = "__transaction_state";
    /** Both versions of a value that there are begin with the same fields; a key has had one. */
    private static final int LAST_VERSION = 1;

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** In the order of the ids in the log, as Kafka's {@code TransactionLogValue.json} has them. */
    private static final List<TransactionState> STATES = List.of(
            TransactionState.EMPTY,
            TransactionState.ONGOING,
            TransactionState.PREPARE_COMMIT,
            TransactionState.PREPARE_ABORT,
            TransactionState.COMPLETE_COMMIT,
            TransactionState.COMPLETE_ABORT,
            TransactionState.UNKNOWN,
            TransactionState.PREPARE_EPOCH_FENCE);

    private final Admin admin;
    private final Map<String, Object> settings;

    /** A state that a coordinator wrote down. */
    record Recorded(long producerId, int producerEpoch, TransactionState state) {}

    /** @param settings of a client of the same cluster */
    TransactionLog(Admin admin, Map<String, Object> settings) {
        this.admin = admin;
        this.settings = settings;
    }

    /** All that the log still has of one transactional id, oldest first. */
    List<Recorded> of(String transactionalId) throws InterruptedException {
        int partitions = Objects.requireNonNull(
                        KafkaAnswer.await(admin.describeTopics(List.of(TOPIC)).allTopicNames(), "describe " + TOPIC)
                                .get(TOPIC))
                .partitions()
                .size();
        TopicPartition partition = new TopicPartition(TOPIC, Utils.abs(transactionalId.hashCode()) % partitions);
        Map<String, Object> reading = new HashMap<>(settings);
        reading.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        List<Recorded> found = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = Objects.requireNonNull(
                    consumer.endOffsets(List.of(partition)).get(partition));
            long until = System.nanoTime() + LIMIT.toNanos();
            byte[] key = key(transactionalId);
            while (consumer.position(partition) < end) {
                consumer.poll(POLL).forEach(record -> recorded(record, key).ifPresent(found::add));
                if (System.nanoTime() > until) {
                    throw new TimeoutException("reading " + partition + " up to " + end + ": at "
                            + consumer.position(partition) + " after " + LIMIT);
                }
            }
        }
        return found;
    }

    private static byte[] key(String transactionalId) {
        byte[] id = transactionalId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Short.BYTES * 2 + id.length)
                .putShort((short) 0)
                .putShort((short) id.length)
                .put(id)
                .array();
    }

    private static Optional<Recorded> recorded(ConsumerRecord<byte[], byte[]> record, byte[] key) {
        if (record.value() == null || !Arrays.equals(record.key(), key)) {
            return Optional.empty();
        }
        ByteBuffer value = ByteBuffer.wrap(record.value());
        if (value.getShort() > LAST_VERSION) {
            return Optional.empty();
        }
        long producerId = value.getLong();
        short producerEpoch = value.getShort();
        var unusedTimeout = value.getInt();
        byte state = value.get();
        return Optional.of(new Recorded(
                producerId, producerEpoch, state < STATES.size() ? STATES.get(state) : TransactionState.UNKNOWN));
    }
}
