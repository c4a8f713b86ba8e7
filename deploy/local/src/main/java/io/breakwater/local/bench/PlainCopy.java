package io.breakwater.local.bench;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A consumer and an idempotent producer with the tuned mirror's limits, on a thread of this process: what copying costs
 * without Connect, offsets and transactions. After a crash it would copy records twice.
 */
final class PlainCopy {

    private static final Duration POLL = Duration.ofMillis(100);

    private final CompletableFuture<Void> done;
    private volatile boolean closed;

    PlainCopy(FilledTopic topic, Map<String, Object> source, Map<String, Object> target) {
        this.done = CompletableFuture.runAsync(() -> copy(topic, source, target), task -> {
            Thread thread = new Thread(task, "plain-copy");
            thread.setDaemon(true);
            thread.start();
        });
    }

    private void copy(FilledTopic topic, Map<String, Object> source, Map<String, Object> target) {
        Map<String, Object> reading = new HashMap<>(source);
        reading.put("isolation.level", "read_committed");
        reading.put("auto.offset.reset", "earliest");
        reading.put("enable.auto.commit", false);
        reading.put("max.poll.records", 5_000);
        reading.put("max.partition.fetch.bytes", 4_194_304);
        reading.put("fetch.max.bytes", 67_108_864);
        reading.put("receive.buffer.bytes", 1_048_576);
        Map<String, Object> writing = FilledTopic.fastProducer(target);
        writing.put("max.in.flight.requests.per.connection", 5); // Kafka's own default: the peer is not held back
        try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<TopicPartition> partitions = IntStream.range(0, FilledTopic.PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(topic.name(), partition))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    var unused = producer.send(new ProducerRecord<>(
                            record.topic(),
                            record.partition(),
                            record.timestamp(),
                            record.key(),
                            record.value(),
                            record.headers()));
                }
            }
        }
    }

    /** @throws java.util.concurrent.CompletionException if copying failed */
    void end() {
        closed = true;
        done.join();
    }
}
