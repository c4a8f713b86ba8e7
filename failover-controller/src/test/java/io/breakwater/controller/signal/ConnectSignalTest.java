package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.ConnectRest;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectSignalTest extends HealthSignalContract {

    private static final String STATUS = """
            {"mirror":{"status":{"name":"mirror","connector":{"state":"%s"},
              "tasks":[{"id":0,"state":"RUNNING"},{"id":1,"state":"%s","trace":"java.lang.Secret"}]}}}
            """;

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        return new ConnectSignal(new ConnectRest(URI.create("http://127.0.0.1:" + port), limit));
    }

    @ParameterizedTest
    @CsvSource({
        "RUNNING, RUNNING, ",
        "STOPPED, UNASSIGNED, ",
        "RUNNING, FAILED, failed: mirror task 1",
        "FAILED, FAILED, 'failed: mirror, mirror task 1'"
    })
    void readsTheStatesOfConnectorsAndTasks(String connector, String task, String reason) throws Exception {
        try (TinyServer server = new TinyServer(200, STATUS.formatted(connector, task));
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe())
                    .isEqualTo(reason == null ? new SignalReading.Healthy() : new SignalReading.Unhealthy(reason));
        }
    }

    @ParameterizedTest
    @CsvSource({"500, Unhealthy", "401, Unknown"})
    void tellsATroubledWorkerFromOneThatRefuses(int status, String reading) throws Exception {
        try (TinyServer server = new TinyServer(status, "{}");
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe().getClass().getSimpleName()).isEqualTo(reading);
        }
    }

    @Test
    void aClusterWithoutConnectorsIsHealthy() throws Exception {
        try (TinyServer server = new TinyServer(200, "{}");
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe()).isInstanceOf(SignalReading.Healthy.class);
        }
    }
}
