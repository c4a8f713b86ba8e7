package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The records of a cluster that a read_committed consumer sees, looked at in many partitions at once with one consumer:
 * control records, aborted records and records gone by compaction are stepped over. Not thread-safe.
 * Each method fails with a {@link org.apache.kafka.common.KafkaException} if the cluster does not answer in time.
 */
final class VisibleRecords implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final int ANSWER_MILLIS = 10_000;
    private static final int FETCH_WAIT_MILLIS = 10;
    private static final int FETCH_BYTES = 64 * 1024;

    /** Offsets from (inclusive) to (exclusive). */
    record Range(long from, long to) {
        boolean isEmpty() {
            return from >= to;
        }
    }

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Duration limit;
    private final String cluster;

    /** @param limit of one scan, however many partitions it is over */
    VisibleRecords(Map<String, Object> settings, Duration limit) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        all.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // A look is at one place for one record: little data, and no waiting at the end of a log, because the next
        // look must wait for the answer of the fetch before it.
        all.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
        all.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
        this.consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.limit = limit;
        this.cluster = String.valueOf(settings.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
    }

    static TopicPartition kafkas(PartitionKey partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }

    /** How many partitions each of the topics has; one that the cluster does not have is left out. */
    Map<String, Integer> partitionCounts(Collection<String> topics) {
        Map<String, Integer> counts = new HashMap<>();
        for (String topic : topics) {
            int count = consumer.partitionsFor(topic).size();
            if (count > 0) {
                counts.put(topic, count);
            }
        }
        return counts;
    }

    static PartitionKey key(TopicPartition partition) {
        return new PartitionKey(partition.topic(), partition.partition());
    }

    /** Those of the partitions that the cluster has. */
    Set<TopicPartition> present(Collection<PartitionKey> partitions) {
        Map<String, Set<Integer>> known = new HashMap<>();
        for (PartitionKey partition : partitions) {
            known.computeIfAbsent(
                    partition.topic(),
                    topic -> consumer.partitionsFor(topic).stream()
                            .map(PartitionInfo::partition)
                            .collect(Collectors.toSet()));
        }
        return partitions.stream()
                .filter(p -> known.getOrDefault(p.topic(), Set.of()).contains(p.partition()))
                .map(VisibleRecords::kafkas)
                .collect(Collectors.toSet());
    }

    /** From the first offset kept to the last stable offset, of each partition. */
    Map<TopicPartition, Range> extents(Set<TopicPartition> partitions) {
        // Answers for partitions that are not assigned make the client warn.
        consumer.assign(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Range> extents = new HashMap<>();
        ends.forEach((partition, end) -> extents.put(partition, new Range(begins.getOrDefault(partition, 0L), end)));
        return extents;
    }

    /** In each range the first visible record that is wanted; a range without one is not in the result. */
    Map<TopicPartition, ConsumerRecord<byte[], byte[]>> first(
            Map<TopicPartition, Range> ranges, BiPredicate<TopicPartition, ConsumerRecord<byte[], byte[]>> wanted) {
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> found = new HashMap<>();
        scan(ranges, (partition, record) -> {
            boolean hit = wanted.test(partition, record);
            if (hit) {
                found.put(partition, record);
            }
            return !hit;
        });
        return found;
    }

    /** In each range the last visible record that is wanted; a range without one is not in the result. */
    Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last(
            Map<TopicPartition, Range> ranges, BiPredicate<TopicPartition, ConsumerRecord<byte[], byte[]>> wanted) {
        Map<TopicPartition, ConsumerRecord<byte[], byte[]>> found = new HashMap<>();
        scan(ranges, (partition, record) -> {
            if (wanted.test(partition, record)) {
                found.put(partition, record);
            }
            return true;
        });
        return found;
    }

    /** @param more sees each visible record of a range in order; it returns whether it wants the next */
    private void scan(
            Map<TopicPartition, Range> ranges, BiPredicate<TopicPartition, ConsumerRecord<byte[], byte[]>> more) {
        Map<TopicPartition, Range> open = new HashMap<>(ranges);
        open.values().removeIf(Range::isEmpty);
        consumer.assign(open.keySet());
        consumer.resume(open.keySet());
        open.forEach((partition, range) -> consumer.seek(partition, range.from()));
        long began = System.nanoTime();
        while (!open.isEmpty()) {
            if (System.nanoTime() - began > limit.toNanos()) {
                throw new TimeoutException("reading " + open + ": not done after " + limit);
            }
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            Map.copyOf(open).forEach((partition, range) -> {
                if (isDone(partition, range, records.records(partition), more)) {
                    open.remove(partition);
                    consumer.pause(List.of(partition));
                }
            });
        }
    }

    private boolean isDone(
            TopicPartition partition,
            Range range,
            List<ConsumerRecord<byte[], byte[]>> records,
            BiPredicate<TopicPartition, ConsumerRecord<byte[], byte[]>> more) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            if (record.offset() >= range.to() || !goesOn(partition, record, more)) {
                return true;
            }
        }
        return consumer.position(partition) >= range.to();
    }

    private boolean goesOn(
            TopicPartition partition,
            ConsumerRecord<byte[], byte[]> record,
            BiPredicate<TopicPartition, ConsumerRecord<byte[], byte[]>> more) {
        try {
            return more.test(partition, record);
        } catch (UnreadableStampException e) {
            throw e.at(cluster, record);
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
