package io.breakwater.local.bench;

import io.breakwater.local.process.ServerFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Watches the copy of a topic grow, by its last stable offsets: the rate from the first to the last record, so that
 * the start of whatever copies is not counted.
 */
final class Arrival {

    private static final Duration POLL = Duration.ofMillis(10);
    private static final Duration REST = Duration.ofMillis(500);
    private static final Duration LIMIT = Duration.ofMinutes(4);
    /** More than the control records of a transaction or two. */
    private static final int TAIL = 100;

    private final FilledTopic topic;
    private final Map<String, Object> target;

    Arrival(FilledTopic topic, Map<String, Object> target) {
        this.topic = topic;
        this.target = new HashMap<>(target);
        this.target.put("isolation.level", "read_committed");
        this.target.put("auto.offset.reset", "earliest");
        this.target.put("allow.auto.create.topics", false);
    }

    /**
     * Waits for all of it.
     *
     * @return megabytes of keys and values in a second
     * @throws ServerFailedException if it is not there after some minutes
     */
    double megabytesPerSecond() throws InterruptedException {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(target, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            long began = System.nanoTime();
            List<TopicPartition> partitions = awaitPartitions(consumer, began);
            consumer.assign(partitions);
            long firstAt = 0;
            long first = 0;
            long lastAt = began;
            long last = 0;
            while (true) {
                long sum = consumer.endOffsets(partitions).values().stream()
                        .mapToLong(Long::longValue)
                        .sum();
                long now = System.nanoTime();
                if (sum > last) {
                    last = sum;
                    lastAt = now;
                    if (first == 0) {
                        first = sum;
                        firstAt = now;
                    }
                } else if (last >= topic.records()
                        && now - lastAt > REST.toNanos()
                        && isComplete(consumer, partitions)) {
                    return FilledTopic.megabytes(topic.records() - first) / ((lastAt - firstAt) / 1e9);
                }
                pause(began, last);
            }
        }
    }

    private List<TopicPartition> awaitPartitions(KafkaConsumer<byte[], byte[]> consumer, long began)
            throws InterruptedException {
        while (true) {
            List<PartitionInfo> there = consumer.partitionsFor(topic.name());
            if (there.size() == FilledTopic.PARTITIONS) {
                return IntStream.range(0, FilledTopic.PARTITIONS)
                        .mapToObj(partition -> new TopicPartition(topic.name(), partition))
                        .toList();
            }
            pause(began, 0);
        }
    }

    /** Whether each partition ends with its last record: control records count as offsets, too. */
    private boolean isComplete(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Set<TopicPartition> complete = new HashSet<>();
        ends.forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - TAIL)));
        List<TopicPartition> open = new ArrayList<>(partitions);
        while (!open.isEmpty()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                if (FilledTopic.number(record.key()) == topic.recordsPerPartition() - 1) {
                    complete.add(new TopicPartition(record.topic(), record.partition()));
                }
            }
            open.removeIf(partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L));
        }
        return complete.size() == partitions.size();
    }

    private void pause(long began, long arrived) throws InterruptedException {
        if (System.nanoTime() - began > LIMIT.toNanos()) {
            throw new ServerFailedException(topic.name() + ": only " + arrived + " of " + topic.records()
                    + " records arrived in " + LIMIT.toSeconds() + " s; see the log of replicator-west");
        }
        TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    }
}
