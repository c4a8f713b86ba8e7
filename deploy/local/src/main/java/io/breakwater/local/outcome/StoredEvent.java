package io.breakwater.local.outcome;

import io.breakwater.local.flights.FlightEvent;
import io.breakwater.platform.PartitionKey;
import java.util.OptionalLong;

/**
 * An event as a linear scan of its topic met it.
 *
 * @param sourceOffset its offset in the region that was left, if it was mirrored from there
 */
public record StoredEvent(PartitionKey partition, long offset, OptionalLong sourceOffset, FlightEvent event) {

    /** Whether it is at or past a position of the region that was left; what was written locally is past all. */
    boolean reaches(long sourcePosition) {
        return sourceOffset.isEmpty() || sourceOffset.getAsLong() >= sourcePosition;
    }
}
