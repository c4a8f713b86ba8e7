package io.breakwater.local.flights;

import io.breakwater.local.journal.Entry;
import io.breakwater.local.journal.JournalWriter;
import io.breakwater.platform.PartitionKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the schedule's events at a set rate, idempotent and with acks=all, and journals every acknowledged one. An event
 * that is not acknowledged is given up, with its id and sequence number: what a region holds of an airport is in
 * sequence, with holes where something was lost, never out of order.
 */
final class FlightProducer implements RouteFollower.Session {

    private static final int OUTSTANDING = 5_000;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long BEHIND_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration FLUSH = Duration.ofSeconds(5);

    private final Map<String, String> client;
    private final int rate;
    private final JournalWriter journal;
    private final Stop stop;
    private final FlightSchedule schedule = FlightSchedule.load();

    /** @param rate events a second */
    FlightProducer(Map<String, String> client, int rate, JournalWriter journal, Stop stop) {
        this.client = client;
        this.rate = rate;
        this.journal = journal;
        this.stop = stop;
    }

    @Override
    public void run(Route route, BooleanSupplier over) {
        Sending sending = new Sending(route);
        try {
            sending.untilOver(over);
        } finally {
            sending.close();
        }
    }

    private Map<String, Object> settings(Route route) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, route.bootstrap());
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, "flights-producer");
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        // On a topic made just now a later batch may else be taken first, and the first never (KAFKA-15591).
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 10_000);
        return settings;
    }

    /** One producer client, from its start to its first failure. */
    private final class Sending implements AutoCloseable {

        private final String region;
        private final KafkaProducer<byte[], byte[]> producer;
        private final Semaphore permits = new Semaphore(OUTSTANDING);
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

        Sending(Route route) {
            region = route.region();
            producer = new KafkaProducer<>(settings(route), new ByteArraySerializer(), new ByteArraySerializer());
        }

        void untilOver(BooleanSupplier over) {
            long nanosAnEvent = TimeUnit.SECONDS.toNanos(1) / rate;
            long due = System.nanoTime();
            while (!over.getAsBoolean()) {
                checkFailure();
                long now = System.nanoTime();
                due = Math.max(due, now - BEHIND_NANOS);
                // One at a time: each send to a dead region blocks, and the route may lead elsewhere meanwhile.
                if (due <= now && permits.tryAcquire()) {
                    send(schedule.next(System.currentTimeMillis()));
                    due += nanosAnEvent;
                } else {
                    LockSupport.parkNanos(TICK_NANOS);
                }
            }
        }

        private void checkFailure() {
            Exception e = failure.get();
            if (e != null) {
                throw e instanceof KafkaException kafka ? kafka : new KafkaException(e);
            }
        }

        private void send(FlightEvent event) {
            byte[] key = event.airport().getBytes(StandardCharsets.UTF_8);
            Future<RecordMetadata> unused = producer.send(
                    new ProducerRecord<>(FlightEvent.TOPIC, null, event.producedAt(), key, event.toJson()),
                    (metadata, e) -> answered(event, metadata, e));
        }

        private void answered(FlightEvent event, RecordMetadata metadata, @Nullable Exception e) {
            permits.release();
            if (e != null) {
                failure.compareAndSet(null, e);
                return;
            }
            PartitionKey partition = new PartitionKey(metadata.topic(), metadata.partition());
            journal.append(new Entry.Acknowledged(
                    region, event.id(), partition, metadata.offset(), event.producedAt(), System.currentTimeMillis()));
        }

        /** At the ordinary end all is sent; when the region is left, what is under way is given up. */
        @Override
        public void close() {
            producer.close(stop.isGiven() && failure.get() == null ? FLUSH : Duration.ZERO);
        }
    }
}
