package io.breakwater.local.flights;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Json;
import java.io.IOException;

/**
 * A record of topic {@code flights.events}; its key is the airport.
 *
 * @param id counts all events of a run, from 1; used once, even if nobody acknowledged it
 * @param sequence counts the events of this airport, from 1
 * @param airport the origin
 * @param departed local time, as {@code 2001-01-01T00:47}
 * @param delayMinutes negative if early
 * @param producedAt the producer's clock, milliseconds since 1970
 */
public record FlightEvent(
        long id,
        long sequence,
        String airport,
        String destination,
        String departed,
        int delayMinutes,
        int distanceMiles,
        long producedAt) {

    public static final String TOPIC = "flights.events";

    /** The month as {@code 2001-01}: the table's partition. */
    public String month() {
        return departed.substring(0, 7);
    }

    public byte[] toJson() {
        try {
            return Json.MAPPER.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("flight event " + id + " cannot be written as JSON", e);
        }
    }

    /** @throws IllegalArgumentException if the bytes are no flight event */
    public static FlightEvent fromJson(byte[] json) {
        try {
            return Json.MAPPER.readValue(json, FlightEvent.class);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a flight event: " + e.getMessage(), e);
        }
    }
}
