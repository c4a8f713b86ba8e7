package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The largest record that a topic takes. */
final class LargestRecord {

    private LargestRecord() {}

    /**
     * Publishes it.
     *
     * @param limit the topic's {@code max.message.bytes}
     * @return the bytes of its value
     */
    static int published(KafkaServer cluster, String topic, int limit) throws Exception {
        Map<String, Object> settings = new HashMap<>(cluster.client(Principal.APP));
        settings.put("max.request.size", 2 * limit);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int bytes = limit - 50; bytes > limit - 200; bytes--) {
                if (isTaken(
                        producer,
                        new ProducerRecord<>(topic, 0, null, "x".repeat(bytes).getBytes(StandardCharsets.US_ASCII)))) {
                    return bytes;
                }
            }
        }
        throw new AssertionError("no record near " + limit + " bytes was taken");
    }

    private static boolean isTaken(KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record)
            throws InterruptedException {
        try {
            return producer.send(record).get().hasOffset();
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(RecordTooLargeException.class);
            return false;
        }
    }
}
