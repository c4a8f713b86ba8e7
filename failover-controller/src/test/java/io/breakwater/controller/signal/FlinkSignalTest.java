package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.FlinkRest;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlinkSignalTest extends HealthSignalContract {

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        return new FlinkSignal(new FlinkRest(URI.create("http://127.0.0.1:" + port), limit));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            200 | {"taskmanagers":1} | Healthy
            200 | {"taskmanagers":0} | Unhealthy
            503 | {}                 | Unhealthy
            401 | {}                 | Unknown
            """)
    void readsTheOverview(int status, String body, String reading) throws Exception {
        try (TinyServer server = new TinyServer(status, body);
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe().getClass().getSimpleName()).isEqualTo(reading);
        }
    }
}
