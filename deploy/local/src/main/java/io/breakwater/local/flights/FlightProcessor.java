package io.breakwater.local.flights;

import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.JournalWriter;
import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Consumer group {@code flights-processor}: journals where it begins, what it processes and every commit that a broker
 * acknowledged. It is a plain at-least-once consumer that knows nothing of other regions.
 */
final class FlightProcessor implements RouteFollower.Session {

    static final String GROUP = "flights-processor";

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(5);
    private static final long COMMIT_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Map<String, String> client;
    private final JournalWriter journal;
    private final Stop stop;

    FlightProcessor(Map<String, String> client, JournalWriter journal, Stop stop) {
        this.client = client;
        this.journal = journal;
        this.stop = stop;
    }

    @Override
    public void run(Route route, BooleanSupplier over) {
        Processing processing = new Processing(route);
        try {
            processing.untilOver(over);
        } finally {
            processing.close();
        }
    }

    private Map<String, Object> settings(Route route) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, route.bootstrap());
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // On a standby the records come in the mirror's transactions.
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
        settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        return settings;
    }

    /** One membership in the group. */
    private final class Processing implements AutoCloseable, ConsumerRebalanceListener {

        private final String region;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final Map<TopicPartition, Long> positions = new HashMap<>();

        Processing(Route route) {
            region = route.region();
            consumer = new KafkaConsumer<>(settings(route), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        void untilOver(BooleanSupplier over) {
            consumer.subscribe(List.of(FlightEvent.TOPIC), this);
            long committedAt = System.nanoTime();
            while (!over.getAsBoolean()) {
                consumer.poll(POLL).forEach(this::process);
                if (System.nanoTime() - committedAt > COMMIT_EVERY_NANOS) {
                    commit();
                    committedAt = System.nanoTime();
                }
            }
            if (stop.isGiven()) {
                commit();
            }
        }

        private void process(ConsumerRecord<byte[], byte[]> event) {
            journal.append(new Entry.Processed(
                    region,
                    FlightEvent.fromJson(event.value()).id(),
                    new PartitionKey(event.topic(), event.partition()),
                    event.offset(),
                    System.currentTimeMillis()));
            positions.put(new TopicPartition(event.topic(), event.partition()), event.offset() + 1);
        }

        private void commit() {
            if (positions.isEmpty()) {
                return;
            }
            Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
            positions.forEach((partition, position) -> offsets.put(partition, new OffsetAndMetadata(position)));
            consumer.commitSync(offsets, COMMIT_TIMEOUT);
            long now = System.currentTimeMillis();
            positions.forEach((partition, position) ->
                    journal.append(new Entry.Committed(region, key(partition), position, now)));
            positions.clear();
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            long now = System.currentTimeMillis();
            for (TopicPartition partition : partitions) {
                long position = consumer.position(partition);
                journal.append(new Entry.Started(region, key(partition), position, now));
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            positions.keySet().removeAll(partitions);
        }

        private static PartitionKey key(TopicPartition partition) {
            return new PartitionKey(partition.topic(), partition.partition());
        }

        @Override
        public void close() {
            consumer.close(CloseOptions.timeout(stop.isGiven() ? COMMIT_TIMEOUT : Duration.ZERO));
        }
    }
}
