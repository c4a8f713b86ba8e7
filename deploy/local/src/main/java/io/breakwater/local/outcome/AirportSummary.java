package io.breakwater.local.outcome;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.breakwater.platform.Json;
import java.io.IOException;

/**
 * A record of topic {@code flights.delays}: the job's state of one airport.
 *
 * @param events applied, each once
 * @param idSum of their ids, modulo 2^64
 * @param idXor of their ids
 * @param lastId the id of the one with the highest sequence number
 * @param duplicates events that came although their sequence number was applied already
 */
@JsonIgnoreProperties({"delayMinutes", "lastSequence", "missing"})
public record AirportSummary(String airport, long events, long idSum, long idXor, long lastId, long duplicates) {

    public static final String TOPIC = "flights.delays";

    /** @throws IllegalArgumentException if the bytes are none */
    public static AirportSummary fromJson(byte[] json) {
        try {
            return Json.MAPPER.readValue(json, AirportSummary.class);
        } catch (IOException e) {
            throw new IllegalArgumentException("not a summary of an airport: " + e.getMessage(), e);
        }
    }
}
