package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.S3ObjectStore;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectStoreSignalTest extends HealthSignalContract {

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        ObjectStoreSite site = new ObjectStoreSite(
                "us-east-1",
                Optional.of(URI.create("http://127.0.0.1:" + port)),
                Optional.of("key"),
                Optional.of("secret"),
                Map.of());
        return new ObjectStoreSignal(S3ObjectStore.connect(site, limit), "breakwater-east", "west");
    }

    @ParameterizedTest
    @CsvSource({"200,Healthy", "403,Unknown", "404,Unknown"})
    void readsTheAnswerToAWrite(int status, String reading) throws Exception {
        try (TinyServer server = new TinyServer(status, "");
                HealthSignal signal = lookingAt(server.port(), PATIENCE)) {
            assertThat(signal.probe().getClass().getSimpleName()).isEqualTo(reading);
        }
    }
}
