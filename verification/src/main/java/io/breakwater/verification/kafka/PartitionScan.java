package io.breakwater.verification.kafka;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.UnreadableStampException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads stretches of single partitions from front to back, committed records only. Not thread-safe. */
final class PartitionScan implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration SILENCE = Duration.ofSeconds(15);
    private static final int ANSWER_MILLIS = 10_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final String cluster;

    /** Offsets from the first kept to the last stable offset. */
    record Extent(long begin, long end) {}

    PartitionScan(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        all.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        all.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        this.cluster = String.valueOf(settings.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
        this.consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Empty if the cluster has no such partition. */
    Optional<Extent> extent(PartitionKey key) {
        TopicPartition partition = kafkas(key);
        boolean known = consumer.partitionsFor(key.topic()).stream().anyMatch(p -> p.partition() == key.partition());
        if (!known) {
            return Optional.empty();
        }
        long begin = Objects.requireNonNull(
                consumer.beginningOffsets(List.of(partition)).get(partition));
        long end =
                Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
        return Optional.of(new Extent(begin, end));
    }

    /**
     * Hands over each visible record from one offset (inclusive) to another (exclusive, at most the last stable one).
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster stops answering
     */
    void read(PartitionKey key, long from, long to, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        TopicPartition partition = kafkas(key);
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
        long position = from;
        long progress = System.nanoTime();
        while (position < to) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                if (record.offset() < to) {
                    accept(record, reader);
                }
            }
            long now = consumer.position(partition);
            if (now > position) {
                position = now;
                progress = System.nanoTime();
            } else if (System.nanoTime() - progress > SILENCE.toNanos()) {
                throw new TimeoutException(key + ": nothing beyond offset " + position + " in " + SILENCE);
            }
        }
    }

    private void accept(ConsumerRecord<byte[], byte[]> record, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        try {
            reader.accept(record);
        } catch (UnreadableStampException e) {
            throw e.at(cluster, record);
        }
    }

    private static TopicPartition kafkas(PartitionKey key) {
        return new TopicPartition(key.topic(), key.partition());
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
