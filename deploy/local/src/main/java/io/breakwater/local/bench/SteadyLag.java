package io.breakwater.local.bench;

import io.breakwater.local.process.ServerFailedException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Records at a steady rate into the source, read from the target as soon as they are visible there. The lag of a record
 * counts from the instant at which the rate wants it sent, so that a producer that is held up hides nothing, and both
 * ends are on the clock of this process.
 */
final class SteadyLag {

    /** Of the topic: as many as the local platform's topic of events has, which is written at this rate. */
    static final int PARTITIONS = 4;

    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final int rate;
    private final int count;
    private final int warm;

    /**
     * @param rate records a second
     * @param measured for so long; what is sent before to warm up is not counted
     */
    SteadyLag(String topic, int rate, Duration measured) {
        this.rate = rate;
        this.warm = Math.toIntExact(rate * WARM_UP.toSeconds());
        this.count = warm + Math.toIntExact(rate * measured.toSeconds());
        this.topic = topic;
    }

    /**
     * Sends and reads; the topic must be there on both sides, and mirrored.
     *
     * @return milliseconds of each record
     * @throws ServerFailedException if records do not arrive
     */
    List<Double> milliseconds(Map<String, Object> source, Map<String, Object> target) throws InterruptedException {
        Map<String, Object> reading = new HashMap<>(target);
        reading.put("isolation.level", "read_committed");
        reading.put("auto.offset.reset", "earliest");
        List<Double> lags = new ArrayList<>(count);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(topic, partition))
                    .toList());
            consumer.poll(POLL);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(source));
            long began = System.nanoTime();
            int arrived = 0;
            while (arrived < count) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    ByteBuffer value = ByteBuffer.wrap(record.value());
                    if (value.getInt() >= warm) {
                        lags.add((System.nanoTime() - value.getLong()) / 1e6);
                    }
                    arrived++;
                }
                if (System.nanoTime() - began > LIMIT.toNanos() + count * 1_000_000_000L / rate) {
                    throw new ServerFailedException(topic + ": only " + arrived + " of " + count + " records arrived");
                }
            }
            sending.join();
        }
        return lags;
    }

    private void send(Map<String, Object> source) {
        Map<String, Object> settings = new HashMap<>(source);
        settings.put("acks", "all");
        settings.put("linger.ms", 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            long began = System.nanoTime();
            for (int number = 0; number < count; number++) {
                long due = began + number * 1_000_000_000L / rate;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                ByteBuffer value = ByteBuffer.allocate(FilledTopic.VALUE_BYTES);
                value.putInt(number).putLong(due);
                var unused = producer.send(new ProducerRecord<>(topic, number % PARTITIONS, null, value.array()));
            }
        }
    }
}
