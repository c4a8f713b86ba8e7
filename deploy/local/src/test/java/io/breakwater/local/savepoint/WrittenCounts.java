package io.breakwater.local.savepoint;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/** How often a read_committed reader of a topic sees each value, from the beginning on. */
final class WrittenCounts implements AutoCloseable {

    private final KafkaConsumer<String, String> consumer;
    private final Map<String, Integer> times = new TreeMap<>();

    WrittenCounts(Map<String, Object> client, String topic, int partitions) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put("isolation.level", "read_committed");
        consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.assign(all);
        consumer.seekToBeginning(all);
    }

    /** Reads on for a while, and answers what it knows then. */
    Map<String, Integer> times() {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
            times.merge(record.value(), 1, Integer::sum);
        }
        return times;
    }

    /** Records beyond the first one of each value. */
    long repeated() {
        return times.values().stream().mapToLong(count -> count - 1).sum();
    }

    @Override
    public void close() {
        consumer.close();
    }
}
