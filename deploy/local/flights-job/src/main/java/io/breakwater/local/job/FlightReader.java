package io.breakwater.local.job;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;

/** Reads {@link Flight}s from JSON; an event that is none fails the job. */
public final class FlightReader extends AbstractDeserializationSchema<Flight> {

    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public Flight deserialize(byte[] json) throws IOException {
        return JSON.readValue(json, Flight.class);
    }
}
