package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Brings a broker into the state in which Kafka 4.3 leaves one that was killed between the answer to a commit and its
 * markers, if it then takes the partitions for deleted: the coordinator has recorded the commit as complete, the
 * partition still has the transaction open. The record of the end is written into the coordinator's own log, before the
 * broker is killed and started again.
 */
public final class ForgottenCommit {

    private static final String LOG = "__transaction_state";
    /** The only client that brokers let write to their own topics. */
    private static final String ADMIN_CLIENT = "__admin_client";

    private static final int TIMEOUT_MILLIS = (int) Duration.ofMinutes(15).toMillis();
    private static final byte COMPLETE_COMMIT = 4;

    private ForgottenCommit() {}

    /**
     * The broker is another process afterwards.
     *
     * @param transactionalId whose producer, if there is one, is fenced
     */
    public static void leave(
            KafkaServer server, String transactionalId, ProducerRecord<byte[], byte[]> record, Progress progress)
            throws Exception {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        KafkaProducer<byte[], byte[]> producer =
                producer(server, Map.of("transactional.id", transactionalId, "transaction.timeout.ms", TIMEOUT_MILLIS));
        try {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record).get();
        } finally {
            producer.close(Duration.ZERO);
        }
        try (Admin admin = Admin.create(server.client(Principal.ADMIN));
                KafkaProducer<byte[], byte[]> coordinator = producer(server, Map.of("client.id", ADMIN_CLIENT))) {
            ProducerState open =
                    admin
                            .describeProducers(List.of(partition))
                            .partitionResult(partition)
                            .get()
                            .activeProducers()
                            .stream()
                            .filter(state ->
                                    state.currentTransactionStartOffset().isPresent())
                            .findFirst()
                            .orElseThrow();
            int partitions = coordinator.partitionsFor(LOG).size();
            coordinator
                    .send(new ProducerRecord<>(
                            LOG,
                            Utils.abs(transactionalId.hashCode()) % partitions,
                            key(transactionalId),
                            complete(open.producerId(), (short) (open.producerEpoch() + 1))))
                    .get();
        }
        server.kill();
        server.start(progress);
        assertThat(isOpen(server, partition)).isTrue();
    }

    /** Whether a reader of committed records does not get to the partition's end. */
    public static boolean isOpen(KafkaServer server, TopicPartition partition) throws Exception {
        try (Admin admin = Admin.create(server.client(Principal.ADMIN))) {
            return end(admin, partition, IsolationLevel.READ_COMMITTED)
                    < end(admin, partition, IsolationLevel.READ_UNCOMMITTED);
        }
    }

    private static long end(Admin cluster, TopicPartition partition, IsolationLevel isolation) throws Exception {
        return cluster.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(isolation))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private static KafkaProducer<byte[], byte[]> producer(KafkaServer server, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(server.client(Principal.ADMIN));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** As Kafka's {@code TransactionLogKey}, version 0. */
    private static byte[] key(String transactionalId) {
        byte[] id = transactionalId.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Short.BYTES * 2 + id.length)
                .putShort((short) 0)
                .putShort((short) id.length)
                .put(id)
                .array();
    }

    /** As Kafka's {@code TransactionLogValue}, version 0, without partitions. */
    private static byte[] complete(long producerId, short producerEpoch) {
        long now = System.currentTimeMillis();
        return ByteBuffer.allocate(Short.BYTES * 2 + Long.BYTES * 3 + Integer.BYTES * 2 + 1)
                .putShort((short) 0)
                .putLong(producerId)
                .putShort(producerEpoch)
                .putInt(TIMEOUT_MILLIS)
                .put(COMPLETE_COMMIT)
                .putInt(0)
                .putLong(now)
                .putLong(now)
                .array();
    }
}
