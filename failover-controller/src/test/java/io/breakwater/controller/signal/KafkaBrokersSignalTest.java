package io.breakwater.controller.signal;

import io.breakwater.platform.Region.KafkaCluster;
import java.time.Duration;
import java.util.Map;

class KafkaBrokersSignalTest extends HealthSignalContract {

    @Override
    HealthSignal lookingAt(int port, Duration limit) {
        KafkaCluster cluster = new KafkaCluster("127.0.0.1:" + port, Map.of(), Map.of(), "User:mirror");
        return new KafkaBrokersSignal(new KafkaProbeAdmin(cluster, limit));
    }
}
