package io.breakwater.region;

import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.platform.Secret;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/** Client settings for a region's Kafka cluster, secrets resolved, ready for a client's constructor. */
public final class KafkaSettings {

    private KafkaSettings() {}

    /** As Breakwater itself: administration, probes, verification. */
    public static Map<String, Object> breakwater(KafkaCluster cluster) {
        return settings(cluster, cluster.client());
    }

    /** As the flow that writes into this cluster. */
    public static Map<String, Object> mirror(KafkaCluster cluster) {
        return settings(cluster, cluster.mirror());
    }

    /** As the Connect worker, for its internal topics. */
    public static Map<String, Object> worker(KafkaCluster cluster) {
        return settings(cluster, cluster.worker().orElse(cluster.client()));
    }

    /** As the canary that the controller nodes write and read. */
    public static Map<String, Object> canary(KafkaCluster cluster) {
        return settings(cluster, cluster.canary().orElse(cluster.client()));
    }

    /** As somebody else, by client settings with {@code Secret} references. */
    public static Map<String, Object> as(KafkaCluster cluster, Map<String, String> client) {
        return settings(cluster, client);
    }

    private static Map<String, Object> settings(KafkaCluster cluster, Map<String, String> client) {
        Map<String, Object> settings = new HashMap<>(Secret.resolve(client));
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrap());
        return settings;
    }
}
