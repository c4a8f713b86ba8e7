package io.breakwater.local.active;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Records of 1 KB, as many as a region takes, up to a rate. */
final class HeavyLoad implements AutoCloseable {

    private static final int RECORD_BYTES = 1024;
    private static final int BATCH = 250;
    private static final long PAUSE_MILLIS = 50;
    private static final long JOIN_MILLIS = 15_000;

    private final KafkaServer kafka;
    private final AtomicLong taken = new AtomicLong();
    private final Thread thread = new Thread(this::write, "heavy-load");
    private volatile boolean closing;

    HeavyLoad(KafkaServer kafka) {
        this.kafka = kafka;
        thread.start();
    }

    private void write() {
        Map<String, Object> settings = kafka.client(Principal.APP);
        settings.putAll(Map.of(
                "linger.ms", 5, "max.block.ms", 3_000, "request.timeout.ms", 3_000, "delivery.timeout.ms", 4_000));
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            while (!closing) {
                writeBatch(producer);
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
            producer.close(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeBatch(KafkaProducer<byte[], byte[]> producer) {
        for (int i = 0; i < BATCH && !closing; i++) {
            try {
                var unused = producer.send(
                        new ProducerRecord<>(RegionWriters.TOPIC, new byte[RECORD_BYTES]), (written, failure) -> {
                            if (failure == null) {
                                taken.incrementAndGet();
                            }
                        });
            } catch (KafkaException e) {
                return; // the broker is being restarted: what counts is the load while it is there
            }
        }
    }

    long taken() {
        return taken.get();
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
