package io.breakwater.local.savepoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends some keys to a topic, in turn, until it is interrupted: input of {@code LargeStateJob}. */
final class CountedKeys implements Runnable {

    private static final int KEYS = 40;
    private static final int BATCH = 20;
    private static final long PAUSE_MILLIS = 40;

    private final Map<String, Object> client;
    private final String topic;
    private final AtomicLong sent = new AtomicLong();

    CountedKeys(Map<String, Object> client, String topic) {
        this.client = client;
        this.topic = topic;
    }

    /** Acknowledged records. */
    long sent() {
        return sent.get();
    }

    @Override
    public void run() {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
            while (!Thread.currentThread().isInterrupted()) {
                List<Future<RecordMetadata>> batch = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    String key = "k" + (sent.get() + i) % KEYS;
                    batch.add(producer.send(new ProducerRecord<>(topic, key, key)));
                }
                for (Future<RecordMetadata> acknowledgement : batch) {
                    acknowledgement.get();
                    sent.incrementAndGet();
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // The end; the producer's close has sent what was left.
            return;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a key was not accepted", e);
        }
    }
}
