package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Tries to write as the mirror on every live broker of a cluster, into a topic made for that: one partition a broker.
 * Only a refusal proves that a broker knows the denial; that an ACL was created does not.
 */
final class MirrorProbe implements AutoCloseable {

    private static final String TOPIC = "breakwater.probe";
    private static final Duration AGAIN = Duration.ofMillis(50);
    private static final Duration LEADERS_LIMIT = Duration.ofSeconds(5);
    private static final int ANSWER_MILLIS = 2_000;

    private final SortedMap<Integer, Integer> partitionByBroker;
    private final KafkaProducer<byte[], byte[]> producer;

    private MirrorProbe(SortedMap<Integer, Integer> partitionByBroker, Map<String, Object> settings) {
        this.partitionByBroker = partitionByBroker;
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** @throws org.apache.kafka.common.KafkaException if the cluster does not answer */
    static MirrorProbe open(Admin admin, KafkaCluster cluster) throws InterruptedException {
        List<Integer> live = KafkaAnswer.await(admin.describeCluster().nodes(), "list brokers").stream()
                .map(Node::id)
                .sorted()
                .toList();
        try {
            Map<Integer, List<Integer>> assignment = new HashMap<>();
            live.forEach(broker -> assignment.put(assignment.size(), List.of(broker)));
            KafkaAnswer.await(
                    admin.createTopics(List.of(new NewTopic(TOPIC, assignment))).all(), "create " + TOPIC);
        } catch (TopicExistsException e) {
            addMissing(admin, live);
        }
        SortedMap<Integer, Integer> partitions = led(admin, live);
        Map<String, Object> settings = new HashMap<>(KafkaSettings.mirror(cluster));
        settings.put(ProducerConfig.ACKS_CONFIG, "1");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        settings.put(ProducerConfig.RETRIES_CONFIG, 0);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_MILLIS);
        return new MirrorProbe(partitions, settings);
    }

    /** The partition that each live broker leads; a topic just made takes a moment. */
    private static SortedMap<Integer, Integer> led(Admin admin, List<Integer> live) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            SortedMap<Integer, Integer> partitions = new TreeMap<>();
            leaders(admin).forEach((partition, broker) -> partitions.put(broker, partition));
            partitions.keySet().retainAll(live);
            if (partitions.keySet().containsAll(live)) {
                return partitions;
            }
            if (System.nanoTime() - began > LEADERS_LIMIT.toNanos()) {
                throw new org.apache.kafka.common.errors.TimeoutException(
                        TOPIC + ": of the live brokers " + live + " only " + partitions.keySet() + " lead a partition");
            }
            Thread.sleep(AGAIN.toMillis());
        }
    }

    private static void addMissing(Admin admin, List<Integer> live) throws InterruptedException {
        SortedMap<Integer, Integer> leaders = leaders(admin);
        List<List<Integer>> missing = live.stream()
                .filter(broker -> !leaders.containsValue(broker))
                .map(List::of)
                .toList();
        if (!missing.isEmpty()) {
            NewPartitions more = NewPartitions.increaseTo(leaders.size() + missing.size(), missing);
            KafkaAnswer.await(admin.createPartitions(Map.of(TOPIC, more)).all(), "grow " + TOPIC);
        }
    }

    /** Broker by partition; -1 where there is none. */
    private static SortedMap<Integer, Integer> leaders(Admin admin) throws InterruptedException {
        TopicDescription topic = KafkaAnswer.await(
                        admin.describeTopics(List.of(TOPIC)).allTopicNames(), "describe " + TOPIC)
                .values()
                .iterator()
                .next();
        return topic.partitions().stream()
                .collect(Collectors.toMap(
                        TopicPartitionInfo::partition,
                        partition -> partition.leader() == null
                                ? -1
                                : partition.leader().id(),
                        (a, b) -> a,
                        TreeMap::new));
    }

    SortedSet<Integer> brokers() {
        return new TreeSet<>(partitionByBroker.keySet());
    }

    /** Writes until every broker refuses. @return the brokers that had not refused by the deadline */
    SortedSet<Integer> openBrokers(Instant deadline) throws InterruptedException {
        SortedSet<Integer> open = brokers();
        while (true) {
            for (Map.Entry<Integer, Integer> broker : partitionByBroker.entrySet()) {
                if (open.contains(broker.getKey()) && refuses(broker.getValue())) {
                    open.remove(broker.getKey());
                }
            }
            if (open.isEmpty() || Instant.now().isAfter(deadline)) {
                return open;
            }
            Thread.sleep(AGAIN.toMillis());
        }
    }

    /** Writes until every broker accepts. @return the brokers that had not by the deadline */
    SortedSet<Integer> refusingBrokers(Instant deadline) throws InterruptedException {
        SortedSet<Integer> refusing = brokers();
        while (true) {
            for (Map.Entry<Integer, Integer> broker : partitionByBroker.entrySet()) {
                if (refusing.contains(broker.getKey()) && accepts(broker.getValue())) {
                    refusing.remove(broker.getKey());
                }
            }
            if (refusing.isEmpty() || Instant.now().isAfter(deadline)) {
                return refusing;
            }
            Thread.sleep(AGAIN.toMillis());
        }
    }

    private boolean accepts(int partition) throws InterruptedException {
        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(TOPIC, partition, null, new byte[0]));
        try {
            return sent.get(2L * ANSWER_MILLIS, TimeUnit.MILLISECONDS).hasOffset();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** Only a refusal counts; silence and success do not. */
    private boolean refuses(int partition) throws InterruptedException {
        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(TOPIC, partition, null, new byte[0]));
        try {
            sent.get(2L * ANSWER_MILLIS, TimeUnit.MILLISECONDS);
            return false;
        } catch (ExecutionException e) {
            return e.getCause() instanceof AuthorizationException;
        } catch (TimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
