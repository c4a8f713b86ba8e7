package io.breakwater.local.savepoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.local.job.AirportDelays;
import io.breakwater.local.job.Flight;
import io.breakwater.platform.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends flights of some airports to a topic and keeps what a job must make of them. */
final class AirportInput implements Runnable {

    private static final int AIRPORTS = 24;
    private static final int BATCH = 20;
    private static final long PAUSE_MILLIS = 50;

    private final Map<String, Object> client;
    private final String topic;
    private final Map<String, AirportDelays> expected = new TreeMap<>();
    private long id;

    AirportInput(Map<String, Object> client, String topic) {
        this.client = client;
        this.topic = topic;
    }

    /** The same flights go on elsewhere. Only to be asked when this does not run. */
    AirportInput goingOn(Map<String, Object> otherClient) {
        AirportInput next = new AirportInput(otherClient, topic);
        next.expected.putAll(expected);
        next.id = id;
        return next;
    }

    /** What the state of each airport must be once everything is applied. Only to be asked when it does not run. */
    Map<String, AirportDelays> expected() {
        return expected;
    }

    long events() {
        return id;
    }

    /** Sends until it is interrupted; everything that counts as expected is acknowledged then. */
    @Override
    public void run() {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
            while (!Thread.currentThread().isInterrupted()) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (int i = 0; i < BATCH; i++) {
                    sent.add(producer.send(next()));
                }
                for (Future<RecordMetadata> acknowledgement : sent) {
                    acknowledgement.get();
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            // The end; the producer's close has sent what was left.
            return;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a flight was not accepted", e);
        }
    }

    private ProducerRecord<String, String> next() {
        id++;
        String airport = "A" + (id * id + id / 7) % AIRPORTS;
        AirportDelays before = expected.getOrDefault(airport, AirportDelays.none(airport));
        Flight flight = new Flight(airport, id, before.lastSequence() + 1, (int) (id % 90) - 20);
        expected.put(airport, before.with(flight));
        try {
            return new ProducerRecord<>(topic, airport, Json.MAPPER.writeValueAsString(flight));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("flight cannot be written as JSON", e);
        }
    }
}
