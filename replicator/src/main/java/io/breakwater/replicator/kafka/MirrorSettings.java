package io.breakwater.replicator.kafka;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.DerivedTopics;
import io.breakwater.platform.Flow;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.replicator.kafka.topics.DerivedSettings;
import io.breakwater.replicator.kafka.topics.TopicMirrorConnector;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.connect.mirror.DefaultConfigPropertyFilter;

/**
 * The configuration of MirrorMaker's source connector for recovery: same topic names, exactly once, stamped, low
 * latency. Secrets stay references, which the worker resolves.
 */
public final class MirrorSettings {

    /** Lets the cluster decide. */
    private static final String BROKERS_DEFAULT = "-1";

    /** Of the mirror client library, which is on the worker's class path only. */
    private static final String IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy";

    /**
     * MirrorMaker's own list, which a list of ours replaces, and the limit that {@link TopicMirrorConnector} raises by
     * the stamp.
     */
    private static final String NOT_FOLLOWED =
            DefaultConfigPropertyFilter.CONFIG_PROPERTIES_EXCLUDE_DEFAULT + ", " + TopicConfig.MAX_MESSAGE_BYTES_CONFIG;

    private MirrorSettings() {}

    /** @throws InvalidPlatformException if a pattern cannot be carried */
    public static Map<String, String> of(Platform platform, String groupName, Flow flow) {
        ProtectionGroup group = platform.group(groupName);
        TopicMirrorConnector.checkAssets(groupName, group);
        KafkaCluster from = platform.region(flow.from()).kafka();
        KafkaCluster to = platform.region(flow.to()).kafka();
        Map<String, String> settings = new TreeMap<>();
        settings.put("connector.class", TopicMirrorConnector.class.getName());
        settings.put("tasks.max", tasks(group));
        settings.put("source.cluster.alias", flow.from());
        settings.put("target.cluster.alias", flow.to());
        putClient(settings, "source.cluster.", from);
        putClient(settings, "target.cluster.", to);
        settings.put("replication.policy.class", IDENTITY);
        settings.put("topics", topics(groupName, group));
        settings.put("replication.factor", BROKERS_DEFAULT);
        settings.put("offset-syncs.topic.replication.factor", BROKERS_DEFAULT);
        // The default, on the source, dies with the region.
        settings.put("offset-syncs.topic.location", "target");
        settings.put("refresh.topics.interval.seconds", "5");
        settings.put("sync.topic.configs.interval.seconds", "10");
        settings.put("config.properties.exclude", NOT_FOLLOWED);
        // It would undo fences.
        settings.put("sync.topic.acls.enabled", "false");
        settings.put("exactly.once.support", "required");
        settings.putAll(new DerivedSettings(groupName, DerivedTopics.of(group)).settings());
        putReading(settings);
        putWriting(settings, to);
        return settings;
    }

    /** Settings that let a source connector write as the flow into a cluster, not as the worker. */
    public static Map<String, String> writingAs(KafkaCluster to) {
        Map<String, String> settings = new TreeMap<>();
        to.mirror().forEach((key, value) -> settings.put("producer.override." + key, value));
        return settings;
    }

    private static void putClient(Map<String, String> settings, String prefix, KafkaCluster cluster) {
        settings.put(prefix + CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrap());
        cluster.mirror().forEach((key, value) -> settings.put(prefix + key, value));
    }

    private static void putReading(Map<String, String> settings) {
        settings.put("source.consumer.isolation.level", "read_committed");
        settings.put("source.consumer.auto.offset.reset", "earliest");
        settings.put("source.consumer.max.poll.records", "5000");
        settings.put("source.consumer.max.partition.fetch.bytes", "4194304");
        settings.put("source.consumer.fetch.max.bytes", "67108864");
        settings.put("source.consumer.fetch.min.bytes", "1");
        settings.put("source.consumer.fetch.max.wait.ms", "100");
        settings.put("source.consumer.receive.buffer.bytes", "1048576");
    }

    private static void putWriting(Map<String, String> settings, KafkaCluster to) {
        settings.putAll(writingAs(to));
        settings.put("producer.override.batch.size", "524288");
        settings.put("producer.override.linger.ms", "10");
        settings.put("producer.override.buffer.memory", "67108864");
        // Whatever the worker says: a partition made just now may else take a later batch first (KAFKA-15591).
        settings.put("producer.override.max.in.flight.requests.per.connection", "1");
        // What is too large is refused before it is sent, with its place.
        settings.put("producer.override.max.request.size", String.valueOf(TopicMirrorConnector.GREATEST_RECORD));
    }

    private static String tasks(ProtectionGroup group) {
        return group.assets(AssetSpec.KAFKA_TOPIC).stream()
                .flatMap(asset -> asset.setting("tasks").stream())
                .findFirst()
                .orElse("1");
    }

    private static String topics(String groupName, ProtectionGroup group) {
        List<String> patterns = group.patterns(AssetSpec.KAFKA_TOPIC);
        for (String pattern : patterns) {
            if (pattern.contains(",")) {
                throw new InvalidPlatformException(List.of("groups." + groupName + ".assets: kafka-topic pattern '"
                        + pattern + "' has a comma, which MirrorMaker takes for the end of it; use two assets"));
            }
        }
        return String.join(",", patterns);
    }
}
