package io.breakwater.controller.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Region.KafkaCluster;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaSignalTest extends HealthSignalContract {

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        return signal("127.0.0.1:" + port, Map.of(), limit);
    }

    @Test
    void aClientThatCannotBeMadeSaysNothingOfTheRegion() throws InterruptedException {
        try (HealthSignal signal = signal("127.0.0.1:1", Map.of("security.protocol", "NONE"), LIMIT)) {
            assertThat(signal.probe()).isInstanceOf(SignalReading.Unknown.class);
        }
    }

    private static HealthSignal signal(String bootstrap, Map<String, String> client, Duration limit) {
        return new KafkaSignal(new KafkaCluster(bootstrap, client, Map.of(), "User:mirror"), limit);
    }
}
