package io.breakwater.controller.signal;

import io.breakwater.platform.Region.KafkaCluster;
import java.time.Duration;
import java.util.Map;

class ConnectWorkersSignalTest extends HealthSignalContract {

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        KafkaCluster cluster = new KafkaCluster("127.0.0.1:" + port, Map.of(), Map.of(), "User:mirror");
        return new ConnectWorkersSignal("east", 2, new KafkaProbeAdmin(cluster, limit));
    }

    /** It is Kafka that does not answer, not Connect. */
    @Override
    Class<? extends SignalReading> whenNothingAnswers() {
        return SignalReading.Unknown.class;
    }
}
