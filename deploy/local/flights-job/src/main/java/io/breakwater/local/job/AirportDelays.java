package io.breakwater.local.job;

/**
 * An airport's state, and as JSON the job's output. A failover is judged by it: a linear scan of the input topic, folded
 * in the same way up to the event {@code lastId}, must arrive at equal numbers.
 *
 * @param events how many events were applied, each once
 * @param delayMinutes their sum
 * @param idSum the sum of their ids, modulo 2^64
 * @param idXor the exclusive or of their ids
 * @param lastSequence the highest sequence number applied
 * @param lastId the id of that event
 * @param duplicates events that came although their sequence number was applied already; they are not in the sums
 * @param missing sequence numbers that were jumped over
 */
public record AirportDelays(
        String airport,
        long events,
        long delayMinutes,
        long idSum,
        long idXor,
        long lastSequence,
        long lastId,
        long duplicates,
        long missing) {

    public static AirportDelays none(String airport) {
        return new AirportDelays(airport, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** This state after one more event of the airport. */
    public AirportDelays with(Flight flight) {
        if (flight.sequence() <= lastSequence) {
            return new AirportDelays(
                    airport, events, delayMinutes, idSum, idXor, lastSequence, lastId, duplicates + 1, missing);
        }
        return new AirportDelays(
                airport,
                events + 1,
                delayMinutes + flight.delayMinutes(),
                idSum + flight.id(),
                idXor ^ flight.id(),
                flight.sequence(),
                flight.id(),
                duplicates,
                missing + flight.sequence() - lastSequence - 1);
    }
}
