package io.breakwater.local.mirror;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.PartitionKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Records with an id of their own into {@link MixedTopic}s, one writer a topic, until the cluster dies or this is
 * closed. It keeps where the broker said that each record is, so that nobody has to believe a stamp.
 */
final class MixedTraffic implements AutoCloseable {

    /** Header with the id: a tombstone has no value. */
    static final String ID = "id";

    private static final int KEYS = 40;
    private static final int BATCH = 9;
    private static final int PAUSE_MILLIS = 30;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final Map<String, Long> offsets = new ConcurrentHashMap<>();
    private final Map<PartitionKey, Queue<Long>> aborted = new ConcurrentHashMap<>();
    private final Map<PartitionKey, Queue<Long>> controls = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Object> settings;
    private volatile boolean closed;

    private record Sent(String id, Future<RecordMetadata> metadata) {}

    MixedTraffic(KafkaServer source, List<MixedTopic> topics, long seed) {
        settings = new HashMap<>(source.client(Principal.APP));
        settings.put("acks", "all");
        settings.put("delivery.timeout.ms", 5_000);
        settings.put("request.timeout.ms", 3_000);
        settings.put("max.block.ms", 5_000);
        for (MixedTopic topic : topics) {
            Random random = new Random(seed + topic.name().hashCode());
            threads.execute(() -> write(topic, random));
        }
    }

    /** Source offsets of acknowledged records by id; those of aborted transactions are not among them. */
    Map<String, Long> offsets() {
        return Map.copyOf(offsets);
    }

    /** Source offsets of records whose transaction was aborted. */
    List<Long> aborted(PartitionKey partition) {
        return List.copyOf(aborted.getOrDefault(partition, new ConcurrentLinkedQueue<>()));
    }

    /** Source offsets of the markers that end transactions. */
    List<Long> controls(PartitionKey partition) {
        return List.copyOf(controls.getOrDefault(partition, new ConcurrentLinkedQueue<>()));
    }

    private void write(MixedTopic topic, Random random) {
        Map<String, Object> all = new HashMap<>(settings);
        if (topic.transactional()) {
            all.put("transactional.id", topic.name());
        }
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
        try {
            if (topic.transactional()) {
                producer.initTransactions();
            }
            for (long turn = 0; !closed; turn++) {
                String prefix = topic.name() + "-" + turn;
                if (topic.transactional()) {
                    transaction(producer, topic, random, prefix);
                } else {
                    send(producer, topic, random, prefix).forEach(sent -> acknowledged(sent, metadata(sent)));
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(PAUSE_MILLIS)));
            }
        } catch (KafkaException e) {
            closed = true;
        } finally {
            // Without a limit it waits for a dead broker to abort the transaction.
            producer.close(CLOSE_LIMIT);
        }
    }

    private void transaction(KafkaProducer<byte[], byte[]> producer, MixedTopic topic, Random random, String prefix) {
        producer.beginTransaction();
        List<Sent> sent = send(producer, topic, random, prefix);
        producer.flush();
        Map<PartitionKey, Long> last = new HashMap<>();
        Map<Sent, RecordMetadata> places = new HashMap<>();
        sent.forEach(record -> {
            RecordMetadata metadata = metadata(record);
            places.put(record, metadata);
            last.merge(new PartitionKey(metadata.topic(), metadata.partition()), metadata.offset(), Math::max);
        });
        if (random.nextInt(3) == 0) {
            producer.abortTransaction();
            places.values().forEach(metadata -> note(aborted, partition(metadata), metadata.offset()));
        } else {
            producer.commitTransaction();
            places.forEach(this::acknowledged);
        }
        last.forEach((partition, offset) -> note(controls, partition, offset + 1));
    }

    private static List<Sent> send(
            KafkaProducer<byte[], byte[]> producer, MixedTopic topic, Random random, String prefix) {
        List<Sent> sent = new ArrayList<>();
        for (int i = random.nextInt(BATCH); i >= 0; i--) {
            String id = prefix + "-" + i;
            byte[] key = bytes("key-" + random.nextInt(KEYS));
            byte @Nullable [] value = random.nextInt(20) == 0 ? null : bytes(id);
            int partition = random.nextInt(topic.partitions().size());
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic.name(), partition, key, value);
            record.headers().add(ID, bytes(id));
            sent.add(new Sent(id, producer.send(record)));
        }
        return sent;
    }

    private void acknowledged(Sent sent, RecordMetadata metadata) {
        // A repeated batch is acknowledged without its offset if the broker has forgotten it.
        if (metadata.hasOffset()) {
            offsets.put(sent.id(), metadata.offset());
        }
    }

    private static RecordMetadata metadata(Sent sent) {
        try {
            return sent.metadata().get();
        } catch (ExecutionException e) {
            throw new KafkaException(sent.id() + " was not acknowledged", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException(sent.id() + ": interrupted", e);
        }
    }

    private static PartitionKey partition(RecordMetadata metadata) {
        return new PartitionKey(metadata.topic(), metadata.partition());
    }

    private static void note(Map<PartitionKey, Queue<Long>> notes, PartitionKey partition, long offset) {
        notes.computeIfAbsent(partition, p -> new ConcurrentLinkedQueue<>()).add(offset);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdown();
        try {
            if (!threads.awaitTermination(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the traffic does not end");
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
