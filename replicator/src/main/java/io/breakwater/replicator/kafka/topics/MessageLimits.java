package io.breakwater.replicator.kafka.topics;

import io.breakwater.region.KafkaAnswer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;

/**
 * The greatest batch that topics take ({@code max.message.bytes}). A mirrored record is longer than its original by
 * its stamp, and the original may have come compressed; so the standby's limit must be above the source's. All sizes
 * are in bytes. Stateless; each method fails with a {@link KafkaException} if a cluster does not answer or refuses.
 */
final class MessageLimits {

    /** For the stamp's header (58 bytes at most) and the frame of a batch of one record. */
    static final long ROOM = 1024;

    /** What the mirror's producer sends at most: less than its buffer and than a broker takes in a request. */
    static final long GREATEST = 32L << 20;

    private MessageLimits() {}

    /** What the standby's limit should be, so that it takes what the source takes, and this record. */
    static long wanted(long sourceLimit, long recordBytes) {
        return Math.min(GREATEST, Math.max(sourceLimit, recordBytes) + ROOM);
    }

    static Map<String, Long> read(Admin cluster, Collection<String> topics) throws InterruptedException {
        List<ConfigResource> resources = topics.stream()
                .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                .toList();
        Map<String, Long> limits = new HashMap<>();
        KafkaAnswer.await(cluster.describeConfigs(resources).all(), "read max.message.bytes of " + topics)
                .forEach((topic, config) -> limits.put(
                        topic.name(),
                        Long.valueOf(Objects.requireNonNull(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG))
                                .value())));
        return limits;
    }

    static void set(Admin cluster, Map<String, Long> limits) throws InterruptedException {
        KafkaAnswer.await(
                cluster.incrementalAlterConfigs(limits.entrySet().stream()
                                .collect(Collectors.toMap(
                                        e -> new ConfigResource(ConfigResource.Type.TOPIC, e.getKey()),
                                        e -> List.of(new AlterConfigOp(
                                                new ConfigEntry(
                                                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                                                        String.valueOf(e.getValue())),
                                                AlterConfigOp.OpType.SET)))))
                        .all(),
                "raise max.message.bytes of " + limits.keySet());
    }
}
