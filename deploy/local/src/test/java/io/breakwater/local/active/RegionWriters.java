package io.breakwater.local.active;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A plain and a transactional producer that try one region all the time, whether it is open or not. */
final class RegionWriters implements AutoCloseable {

    static final String TOPIC = "flights.events";
    static final String PLAIN = "plain";
    static final String TRANSACTIONAL = "transaction";
    static final String OPEN_AT_THE_CUT = "transaction open at the cut";

    private static final long PAUSE_MILLIS = 50;
    private static final long JOIN_MILLIS = 15_000;
    private static final Map<String, Object> IMPATIENT = Map.of(
            "linger.ms", 0,
            "request.timeout.ms", 2_000,
            "delivery.timeout.ms", 3_000,
            "max.block.ms", 3_000,
            "reconnect.backoff.max.ms", 500);

    private final String region;
    private final KafkaServer kafka;
    private final Acceptances acceptances;
    private final List<Thread> threads;
    private volatile boolean closing;

    RegionWriters(String region, KafkaServer kafka, Acceptances acceptances) {
        this.region = region;
        this.kafka = kafka;
        this.acceptances = acceptances;
        this.threads = List.of(
                new Thread(this::writePlain, "plain-" + region),
                new Thread(this::writeTransactions, "transactions-" + region));
    }

    void start() {
        threads.forEach(Thread::start);
    }

    private KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = kafka.client(Principal.APP);
        settings.putAll(IMPATIENT);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static void send(KafkaProducer<byte[], byte[]> producer) throws ExecutionException, InterruptedException {
        producer.send(new ProducerRecord<>(TOPIC, "flight".getBytes(StandardCharsets.UTF_8)))
                .get();
    }

    private void writePlain() {
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("enable.idempotence", false, "retries", 0))) {
            while (!closing) {
                long sentAt = System.nanoTime();
                try {
                    send(producer);
                    acceptances.accepted(region, PLAIN, sentAt);
                } catch (ExecutionException | KafkaException e) {
                    acceptances.refused(region, PLAIN, why(e));
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeTransactions() {
        try {
            while (!closing) {
                KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "writer-" + region));
                try {
                    producer.initTransactions();
                    commitAgainAndAgain(producer);
                } catch (ExecutionException | KafkaException e) {
                    acceptances.refused(region, TRANSACTIONAL, why(e));
                } finally {
                    producer.close(Duration.ZERO);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void commitAgainAndAgain(KafkaProducer<byte[], byte[]> producer)
            throws ExecutionException, InterruptedException {
        while (!closing) {
            producer.beginTransaction();
            send(producer);
            long sentAt = System.nanoTime();
            producer.commitTransaction();
            acceptances.accepted(region, TRANSACTIONAL, sentAt);
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }

    /** Begins a transaction with a record in it. */
    OpenTransaction open() throws ExecutionException, InterruptedException {
        KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "open-" + region));
        producer.initTransactions();
        producer.beginTransaction();
        send(producer);
        return new OpenTransaction(producer);
    }

    /** A transaction that was open when the region was cut off. */
    final class OpenTransaction implements AutoCloseable {
        private final KafkaProducer<byte[], byte[]> producer;

        private OpenTransaction(KafkaProducer<byte[], byte[]> producer) {
            this.producer = producer;
        }

        /** Whether the region took it. */
        boolean commit() {
            long sentAt = System.nanoTime();
            try {
                producer.commitTransaction();
                acceptances.accepted(region, OPEN_AT_THE_CUT, sentAt);
                return true;
            } catch (KafkaException e) {
                acceptances.refused(region, OPEN_AT_THE_CUT, why(e));
                return false;
            }
        }

        @Override
        public void close() {
            producer.close(Duration.ZERO);
        }
    }

    private static String why(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause.getClass().getSimpleName();
    }

    @Override
    public void close() {
        closing = true;
        try {
            for (Thread thread : threads) {
                thread.join(JOIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        threads.forEach(Thread::interrupt);
    }
}
