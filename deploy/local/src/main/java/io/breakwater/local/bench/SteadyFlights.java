package io.breakwater.local.bench;

import io.breakwater.local.flights.FlightEvent;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Sends flights at a steady rate from its start to its close, in a thread of its own. */
final class SteadyFlights implements AutoCloseable {

    private static final int AIRPORTS = 200;

    private final Thread thread;
    private volatile boolean closed;

    /** @param rate events a second */
    SteadyFlights(Map<String, Object> cluster, int rate) {
        thread = new Thread(() -> send(cluster, rate), "steady-flights");
        thread.setDaemon(true);
        thread.start();
    }

    private void send(Map<String, Object> cluster, int rate) {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(cluster, new StringSerializer(), new ByteArraySerializer())) {
            long began = System.nanoTime();
            for (long number = 0; !closed; number++) {
                long due = began + number * 1_000_000_000L / rate;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                String airport = "A" + number % AIRPORTS;
                FlightEvent flight = new FlightEvent(
                        number + 1,
                        number / AIRPORTS + 1,
                        airport,
                        "X",
                        "2001-01-01T00:47",
                        (int) (number % 90) - 20,
                        100,
                        System.currentTimeMillis());
                var unused = producer.send(new ProducerRecord<>(FlightEvent.TOPIC, airport, flight.toJson()));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
