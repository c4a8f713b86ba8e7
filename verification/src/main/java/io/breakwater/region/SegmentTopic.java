package io.breakwater.region;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Json;
import io.breakwater.platform.SegmentHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Where the replicator of a region reads a group's segments: the topic {@link #NAME} of the region that a flow writes
 * to. The controller writes them there before it lets the flow run; what counts is what it holds itself, in consensus.
 *
 * <p>Format: one partition, compacted; the key is the group's name, the value the {@link SegmentHistory} as JSON, in
 * batches compressed by gzip: a history of thousands of partitions is some megabytes of text. Of several values of a key the one whose last segment has the newest epoch counts, so that a controller that comes late
 * does no harm.
 */
public final class SegmentTopic {

    public static final String NAME = "breakwater.segments";

    private static final TopicPartition PARTITION = new TopicPartition(NAME, 0);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final short BROKERS_DEFAULT = -1;

    /** Of a compressed history: many times what 5,000 partitions in {@link SegmentHistory#KEPT} segments take. */
    private static final int BATCH_BYTES = 16 * 1024 * 1024;

    /** Of a history as text. */
    private static final int VALUE_BYTES = 64 * 1024 * 1024;

    private SegmentTopic() {}

    /**
     * Makes the topic if it is not there, and writes to it.
     *
     * @param admin of the cluster; stays the caller's to close
     * @param settings of a client of the same cluster
     * @throws KafkaException if the cluster does not answer, or refuses
     */
    public static void publish(Admin admin, Map<String, Object> settings, String group, SegmentHistory history)
            throws InterruptedException {
        NewTopic topic = new NewTopic(NAME, 1, BROKERS_DEFAULT)
                .configs(Map.of(
                        TopicConfig.CLEANUP_POLICY_CONFIG,
                        TopicConfig.CLEANUP_POLICY_COMPACT,
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(BATCH_BYTES)));
        try {
            KafkaAnswer.await(admin.createTopics(List.of(topic)).all(), "create " + NAME);
        } catch (TopicExistsException e) {
            // As it should be, but for the first time.
            requireOnePartition(admin);
        }
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "gzip");
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, VALUE_BYTES);
        all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 2L * VALUE_BYTES);
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis() / 2));
        all.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] value = Json.MAPPER.writeValueAsBytes(history);
            producer.send(new ProducerRecord<>(NAME, 0, group.getBytes(StandardCharsets.UTF_8), value))
                    .get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("writing the segments of group " + group + " to " + NAME + ": " + e, e);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("segments of group " + group + " cannot be written as JSON", e);
        }
    }

    private static void requireOnePartition(Admin admin) throws InterruptedException {
        int partitions =
                KafkaAnswer.await(admin.describeTopics(List.of(NAME)).allTopicNames(), "describe " + NAME)
                        .values()
                        .stream()
                        .mapToInt(topic -> topic.partitions().size())
                        .sum();
        if (partitions != 1) {
            throw new KafkaException(NAME + " has " + partitions + " partitions and needs 1: delete it");
        }
    }

    /**
     * The segments of a group, as they were when this was called; {@link SegmentHistory#NONE} if there are none.
     *
     * @param settings of a client of the cluster that the flow writes to
     * @throws KafkaException if the cluster does not answer, or what is there is no history
     */
    public static SegmentHistory read(Map<String, Object> settings, String group) {
        return readAll(settings).getOrDefault(group, SegmentHistory.NONE);
    }

    /** As {@link #read}, of each group that has some. */
    static SortedMap<String, SegmentHistory> readAll(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            return consumer.partitionsFor(NAME).isEmpty() ? new TreeMap<>() : newest(consumer);
        } finally {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
    }

    private static SortedMap<String, SegmentHistory> newest(KafkaConsumer<byte[], byte[]> consumer) {
        consumer.assign(List.of(PARTITION));
        consumer.seekToBeginning(List.of(PARTITION));
        long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
        SortedMap<String, SegmentHistory> newest = new TreeMap<>();
        long began = System.nanoTime();
        while (consumer.position(PARTITION) < end) {
            if (System.nanoTime() - began > LIMIT.toNanos()) {
                throw new org.apache.kafka.common.errors.TimeoutException(
                        "reading " + NAME + " up to " + end + ": not done after " + LIMIT);
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                if (record.key() != null && record.value() != null) {
                    newest.merge(
                            new String(record.key(), StandardCharsets.UTF_8),
                            parse(record),
                            (last, next) -> next.epoch().compareTo(last.epoch()) >= 0 ? next : last);
                }
            }
        }
        return newest;
    }

    private static SegmentHistory parse(ConsumerRecord<byte[], byte[]> record) {
        try {
            return Json.MAPPER.readValue(record.value(), SegmentHistory.class);
        } catch (IOException e) {
            throw new KafkaException(
                    NAME + " offset " + record.offset() + " is no history of segments: " + e.getMessage(), e);
        }
    }
}
