package io.breakwater.local.outcome;

import io.breakwater.local.flights.FlightEvent;
import io.breakwater.platform.PartitionKey;
import java.util.OptionalLong;

/** Events as tests need them. */
final class Events {

    static final PartitionKey PARTITION = new PartitionKey(FlightEvent.TOPIC, 0);

    private Events() {}

    static FlightEvent event(String airport, long id, long sequence) {
        return new FlightEvent(id, sequence, airport, "LAS", "2001-01-01T00:47", -3, 407, 1_000 + id);
    }

    static StoredEvent mirrored(long offset, long sourceOffset, FlightEvent event) {
        return new StoredEvent(PARTITION, offset, OptionalLong.of(sourceOffset), event);
    }

    static StoredEvent local(long offset, FlightEvent event) {
        return new StoredEvent(PARTITION, offset, OptionalLong.empty(), event);
    }
}
