package io.breakwater.local.savepoint;

import io.breakwater.local.job.AirportDelays;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a job writes from the moment on in which this is made: the newest committed state of each airport. */
final class JobOutput implements AutoCloseable {

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, AirportDelays> newest = new TreeMap<>();

    JobOutput(Map<String, Object> client, String topic, int partitions) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put("isolation.level", "read_committed");
        consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.assign(all);
        consumer.seekToEnd(all);
        all.forEach(consumer::position);
    }

    /** Reads on, and answers what it knows then. */
    Map<String, AirportDelays> newest() {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
            try {
                AirportDelays delays = Json.MAPPER.readValue(record.value(), AirportDelays.class);
                newest.put(delays.airport(), delays);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return newest;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
