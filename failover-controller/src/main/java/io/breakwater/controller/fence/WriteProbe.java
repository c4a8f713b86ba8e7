package io.breakwater.controller.fence;

import io.breakwater.region.KafkaAnswer;
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
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Tries to write as a principal on every live broker of a cluster, into a topic made for that: one partition a broker.
 * Only a refusal proves that a broker knows the denial; that an ACL was created does not.
 */
public final class WriteProbe implements AutoCloseable {

    private static final Duration AGAIN = Duration.ofMillis(50);
    private static final Duration LEADERS_LIMIT = Duration.ofSeconds(5);
    private static final int ANSWER_MILLIS = 2_000;

    private final String topic;
    private final SortedMap<Integer, Integer> partitionByBroker;
    private final KafkaProducer<byte[], byte[]> producer;

    private WriteProbe(String topic, SortedMap<Integer, Integer> partitionByBroker, Map<String, Object> settings) {
        this.topic = topic;
        this.partitionByBroker = partitionByBroker;
        this.producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * @param admin who may make the topic; stays the caller's to close
     * @param topic made if it is not there
     * @param client settings of a client of the principal
     * @throws org.apache.kafka.common.KafkaException if the cluster does not answer
     */
    public static WriteProbe open(Admin admin, String topic, Map<String, Object> client) throws InterruptedException {
        List<Integer> live = KafkaAnswer.await(admin.describeCluster().nodes(), "list brokers").stream()
                .map(Node::id)
                .sorted()
                .toList();
        try {
            Map<Integer, List<Integer>> assignment = new HashMap<>();
            live.forEach(broker -> assignment.put(assignment.size(), List.of(broker)));
            KafkaAnswer.await(
                    admin.createTopics(List.of(new NewTopic(topic, assignment))).all(), "create " + topic);
        } catch (TopicExistsException e) {
            addMissing(admin, topic, live);
        }
        SortedMap<Integer, Integer> partitions = led(admin, topic, live);
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ProducerConfig.ACKS_CONFIG, "1");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        settings.put(ProducerConfig.RETRIES_CONFIG, 0);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_MILLIS);
        return new WriteProbe(topic, partitions, settings);
    }

    /** The partition that each live broker leads; a topic just made takes a moment. */
    private static SortedMap<Integer, Integer> led(Admin admin, String topic, List<Integer> live)
            throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            SortedMap<Integer, Integer> partitions = new TreeMap<>();
            leaders(admin, topic).forEach((partition, broker) -> partitions.put(broker, partition));
            partitions.keySet().retainAll(live);
            if (partitions.keySet().containsAll(live)) {
                return partitions;
            }
            if (System.nanoTime() - began > LEADERS_LIMIT.toNanos()) {
                throw new org.apache.kafka.common.errors.TimeoutException(
                        topic + ": of the live brokers " + live + " only " + partitions.keySet() + " lead a partition");
            }
            Thread.sleep(AGAIN.toMillis());
        }
    }

    private static void addMissing(Admin admin, String topic, List<Integer> live) throws InterruptedException {
        SortedMap<Integer, Integer> leaders = leaders(admin, topic);
        List<List<Integer>> missing = live.stream()
                .filter(broker -> !leaders.containsValue(broker))
                .map(List::of)
                .toList();
        if (!missing.isEmpty()) {
            NewPartitions more = NewPartitions.increaseTo(leaders.size() + missing.size(), missing);
            KafkaAnswer.await(admin.createPartitions(Map.of(topic, more)).all(), "grow " + topic);
        }
    }

    /** Broker by partition; -1 where there is none. */
    private static SortedMap<Integer, Integer> leaders(Admin admin, String topic) throws InterruptedException {
        return describe(admin, topic).partitions().stream()
                .collect(Collectors.toMap(
                        TopicPartitionInfo::partition,
                        partition -> partition.leader() == null
                                ? -1
                                : partition.leader().id(),
                        (a, b) -> a,
                        TreeMap::new));
    }

    /** The broker that is asked may not have heard yet of a topic just made. */
    private static TopicDescription describe(Admin admin, String topic) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            try {
                return KafkaAnswer.await(admin.describeTopics(List.of(topic)).allTopicNames(), "describe " + topic)
                        .values()
                        .iterator()
                        .next();
            } catch (UnknownTopicOrPartitionException e) {
                if (System.nanoTime() - began > LEADERS_LIMIT.toNanos()) {
                    throw e;
                }
                Thread.sleep(AGAIN.toMillis());
            }
        }
    }

    /** Those that were live when it was opened. */
    public SortedSet<Integer> brokers() {
        return new TreeSet<>(partitionByBroker.keySet());
    }

    /** Writes until every broker refuses. @return the brokers that had not refused by the deadline */
    public SortedSet<Integer> openBrokers(Instant deadline) throws InterruptedException {
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
    public SortedSet<Integer> refusingBrokers(Instant deadline) throws InterruptedException {
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
        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, partition, null, new byte[0]));
        try {
            return sent.get(2L * ANSWER_MILLIS, TimeUnit.MILLISECONDS).hasOffset();
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }

    /** Only a refusal counts; silence and success do not. */
    private boolean refuses(int partition) throws InterruptedException {
        Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(topic, partition, null, new byte[0]));
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
