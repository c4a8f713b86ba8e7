package io.breakwater.controller.app;

import io.breakwater.platform.Receipt;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the receipts of one region and keeps the newest of each asset. One thread follows; any thread reads.
 */
final class ReceiptsFeed implements AutoCloseable {

    /** Of each asset and direction; the same position announced again counts once. */
    static final int KEPT = 64;

    private static final Logger LOG = LoggerFactory.getLogger(ReceiptsFeed.class);
    private static final Duration BACK = Duration.ofMinutes(10);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final long AGAIN_MILLIS = 1000;
    private static final TopicPartition PARTITION = new TopicPartition(Receipt.TOPIC, 0);

    private final String region;
    private final Map<String, Object> settings;
    private final Clock clock;
    private final SortedMap<String, Deque<Receipt>> newest = new TreeMap<>();
    private final Thread following;

    /** @param settings of a Kafka client as Breakwater itself */
    ReceiptsFeed(String region, Map<String, Object> settings, Clock clock) {
        this.region = region;
        this.clock = clock;
        this.settings = new HashMap<>(settings);
        this.settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        this.settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        this.settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        this.settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        this.settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        following = new Thread(this::run, "receipts-" + region);
        following.setDaemon(true);
    }

    void start() {
        following.start();
    }

    /** Each asset's oldest first. */
    synchronized List<Receipt> receipts() {
        List<Receipt> all = new ArrayList<>();
        newest.values().forEach(all::addAll);
        return List.copyOf(all);
    }

    private void run() {
        String trouble = "";
        while (!Thread.currentThread().isInterrupted()) {
            try (KafkaConsumer<byte[], byte[]> consumer =
                    new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                begin(consumer);
                LOG.info("region={} receipts are followed", region);
                trouble = "";
                follow(consumer);
            } catch (InterruptException e) {
                Thread.currentThread().interrupt();
            } catch (KafkaException e) {
                if (trouble.isEmpty()) {
                    LOG.info("region={} receipts are not there yet: {}", region, e.getMessage());
                }
                trouble = String.valueOf(e.getMessage());
                pause();
            }
        }
    }

    private void begin(KafkaConsumer<byte[], byte[]> consumer) {
        consumer.assign(List.of(PARTITION));
        OffsetAndTimestamp from = consumer.offsetsForTimes(
                        Map.of(PARTITION, clock.instant().minus(BACK).toEpochMilli()))
                .get(PARTITION);
        if (from == null) {
            consumer.seekToBeginning(List.of(PARTITION));
        } else {
            consumer.seek(PARTITION, from.offset());
        }
    }

    private void follow(KafkaConsumer<byte[], byte[]> consumer) {
        while (!Thread.currentThread().isInterrupted()) {
            for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
                if (message.value() != null) {
                    take(message);
                }
            }
        }
    }

    private synchronized void take(ConsumerRecord<byte[], byte[]> message) {
        try {
            take(Receipt.fromJson(message.value()));
        } catch (IllegalArgumentException e) {
            LOG.warn("region={} offset={} of {}: {}", region, message.offset(), Receipt.TOPIC, e.getMessage());
        }
    }

    private void take(Receipt receipt) {
        Deque<Receipt> ofAsset = newest.computeIfAbsent(receipt.key(), key -> new ArrayDeque<>());
        Receipt last = ofAsset.peekLast();
        if (last != null && last.position().equals(receipt.position())) {
            ofAsset.removeLast();
        }
        ofAsset.addLast(receipt);
        if (ofAsset.size() > KEPT) {
            ofAsset.removeFirst();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(AGAIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        following.interrupt();
    }
}
