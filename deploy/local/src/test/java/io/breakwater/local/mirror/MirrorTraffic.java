package io.breakwater.local.mirror;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Traffic on the first cluster until it dies or this is closed: acknowledged plain records to one topic, transactions
 * of which some are aborted to the other, and a group that follows both and commits.
 */
final class MirrorTraffic implements AutoCloseable {

    static final String FOLLOWER = "flights-follower";

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final Set<String> acked = ConcurrentHashMap.newKeySet();
    private final AtomicLong next = new AtomicLong();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Object> settings;
    private final String prefix;
    private volatile boolean closed;

    /** @param prefix of the values; what comes after it is unique within this object */
    MirrorTraffic(KafkaServer source, String prefix) {
        this.prefix = prefix;
        settings = new HashMap<>(source.client(Principal.APP));
        settings.put("delivery.timeout.ms", 5_000);
        settings.put("request.timeout.ms", 3_000);
        settings.put("max.block.ms", 5_000);
        settings.put("default.api.timeout.ms", 5_000);
        threads.execute(this::plain);
        threads.execute(this::transactions);
        threads.execute(this::follow);
    }

    /** The values of records whose write was acknowledged, or whose transaction was. */
    Set<String> acked() {
        return Set.copyOf(acked);
    }

    /** Whether the cluster has refused it, or is dead; the last acknowledgements are in only after {@link #close}. */
    boolean hasEnded() {
        return closed;
    }

    private void plain() {
        KafkaProducer<byte[], byte[]> producer = producer(Map.of("acks", "all", "linger.ms", 5));
        try {
            while (!closed) {
                String value = value();
                var unused = producer.send(record(MirrorPair.EVENTS, value), (metadata, failure) -> {
                    if (failure == null) {
                        acked.add(value);
                    }
                });
                pause(1);
            }
        } catch (KafkaException e) {
            closed = true;
        } finally {
            // Without a limit it waits for a dead broker to abort the transaction.
            producer.close(CLOSE_LIMIT);
        }
    }

    private void transactions() {
        Random random = new Random(7);
        KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "traffic"));
        try {
            producer.initTransactions();
            while (!closed) {
                List<String> values = new ArrayList<>();
                producer.beginTransaction();
                for (int i = random.nextInt(30); i >= 0; i--) {
                    values.add(value());
                    var unused = producer.send(record(MirrorPair.DELAYS, values.get(values.size() - 1)));
                }
                if (random.nextInt(4) == 0) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                    acked.addAll(values);
                }
                pause(20);
            }
        } catch (KafkaException e) {
            closed = true;
        } finally {
            // Without a limit it waits for a dead broker to abort the transaction.
            producer.close(CLOSE_LIMIT);
        }
    }

    private void follow() {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("group.id", FOLLOWER);
        all.put("isolation.level", "read_committed");
        all.put("auto.offset.reset", "earliest");
        all.put("enable.auto.commit", false);
        all.put("max.poll.records", 37);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(MirrorPair.EVENTS, MirrorPair.DELAYS));
            while (!closed) {
                if (!consumer.poll(Duration.ofMillis(100)).isEmpty()) {
                    consumer.commitSync();
                }
            }
        } catch (KafkaException e) {
            closed = true;
        }
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putAll(more);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private String value() {
        return prefix + "-" + next.incrementAndGet();
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return new ProducerRecord<>(topic, bytes, bytes);
    }

    /** The pace of the traffic; nothing is waited for. */
    private static void pause(long millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
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
