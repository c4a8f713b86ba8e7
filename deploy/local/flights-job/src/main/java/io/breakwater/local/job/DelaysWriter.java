package io.breakwater.local.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes {@link AirportDelays} as JSON, keyed by airport. */
public final class DelaysWriter implements KafkaRecordSerializationSchema<AirportDelays> {

    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String topic;

    public DelaysWriter(String topic) {
        this.topic = topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(AirportDelays delays, KafkaSinkContext context, Long timestamp) {
        try {
            return new ProducerRecord<>(
                    topic, delays.airport().getBytes(StandardCharsets.UTF_8), JSON.writeValueAsBytes(delays));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("delays of " + delays.airport() + " cannot be written as JSON", e);
        }
    }
}
