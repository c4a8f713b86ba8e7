package io.breakwater.local.bench;

import io.breakwater.region.KafkaAnswer;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A topic with records that count from 0 in each partition: the key is the number, which is also the offset.
 *
 * @param records in all partitions together, a multiple of {@link #PARTITIONS}
 */
record FilledTopic(String name, int records) {

    static final int PARTITIONS = 10;
    /** Of a record's value. */
    static final int VALUE_BYTES = 1_000;

    static Map<String, Object> fastProducer(Map<String, Object> cluster) {
        Map<String, Object> settings = new HashMap<>(cluster);
        settings.put("acks", "all");
        settings.put("batch.size", 524_288);
        settings.put("linger.ms", 10);
        settings.put("buffer.memory", 67_108_864);
        return settings;
    }

    int recordsPerPartition() {
        return records / PARTITIONS;
    }

    double megabytes() {
        return megabytes(records);
    }

    static double megabytes(long count) {
        return count * (double) (VALUE_BYTES + Integer.BYTES) / 1e6;
    }

    void create(Admin admin) throws InterruptedException {
        create(admin, name, PARTITIONS);
    }

    static void create(Admin admin, String name, int partitions) throws InterruptedException {
        NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty());
        KafkaAnswer.await(admin.createTopics(List.of(topic)).all(), "create topic " + name);
    }

    void delete(Admin admin) throws InterruptedException {
        delete(admin, name);
    }

    static void delete(Admin admin, String name) throws InterruptedException {
        KafkaAnswer.await(admin.deleteTopics(List.of(name)).all(), "delete topic " + name);
    }

    /** Returns when all records are acknowledged. */
    void fill(Map<String, Object> cluster) {
        byte[] value = new byte[VALUE_BYTES];
        new Random(records).nextBytes(value);
        AtomicReference<Exception> failed = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(fastProducer(cluster), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int number = 0; number < recordsPerPartition(); number++) {
                byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    var unused = producer.send(new ProducerRecord<>(name, partition, key, value), (sent, failure) -> {
                        if (failure != null) {
                            failed.set(failure);
                        }
                    });
                }
            }
        }
        if (failed.get() != null) {
            throw new KafkaException("filling topic " + name, failed.get());
        }
    }

    static int number(byte[] key) {
        return ByteBuffer.wrap(key).getInt();
    }
}
