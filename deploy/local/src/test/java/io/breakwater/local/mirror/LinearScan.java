package io.breakwater.local.mirror;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ProvenanceStamp;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** All visible records of some topics, read from the beginning: the slow truth that fast searches are held against. */
record LinearScan(SortedMap<PartitionKey, List<ConsumerRecord<byte[], byte[]>>> records) {

    static LinearScan of(Map<String, Object> settings, List<String> topics) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("isolation.level", "read_committed");
        all.put("auto.offset.reset", "earliest");
        SortedMap<PartitionKey, List<ConsumerRecord<byte[], byte[]>>> records = new TreeMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = topics.stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            partitions.forEach(p -> records.put(new PartitionKey(p.topic(), p.partition()), new ArrayList<>()));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> records.getOrDefault(
                                        new PartitionKey(record.topic(), record.partition()), new ArrayList<>())
                                .add(record));
            }
        }
        return new LinearScan(records);
    }

    List<ConsumerRecord<byte[], byte[]>> of(PartitionKey partition) {
        return records.getOrDefault(partition, List.of());
    }

    static PartitionKey key(TopicPartition partition) {
        return new PartitionKey(partition.topic(), partition.partition());
    }

    static String text(ConsumerRecord<byte[], byte[]> record) {
        return record.value() == null ? "null" : new String(record.value(), StandardCharsets.UTF_8);
    }

    static List<String> texts(LinearScan scan, TopicPartition partition) {
        return scan.of(key(partition)).stream().map(LinearScan::text).toList();
    }

    static long stamp(ConsumerRecord<byte[], byte[]> record) {
        return ProvenanceStamp.of(record.headers()).map(ProvenanceStamp::offset).orElse(Long.MAX_VALUE);
    }

    /** How many visible records lie between a position and the first record stamped at or past a source position. */
    long translationError(PartitionKey partition, long sourcePosition, long position) {
        long below = of(partition).stream()
                .filter(record -> stamp(record) < sourcePosition && record.offset() >= position)
                .count();
        long above = of(partition).stream()
                .filter(record -> stamp(record) >= sourcePosition && record.offset() < position)
                .count();
        return below + above;
    }
}
