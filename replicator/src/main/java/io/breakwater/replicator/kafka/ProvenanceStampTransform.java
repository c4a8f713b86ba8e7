package io.breakwater.replicator.kafka;

import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.ProvenanceStamp;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.components.Versioned;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link ProvenanceStamp} on each record of MirrorMaker's source connector; an older stamp is replaced. For
 * MirrorMaker without the rest of Breakwater: Breakwater's own connector stamps by itself. The
 * settings under {@code source.} are those of a client of the source cluster, which is asked for its id and for those
 * of its topics: again every few seconds and when a partition's offsets go backwards, because a topic may be deleted and
 * made anew under its name. Needs a header converter that leaves bytes alone (ByteArrayConverter).
 *
 * <p>If the source does not answer, it fails with {@link RetriableException}: set {@code errors.retry.timeout}.
 */
public final class ProvenanceStampTransform implements Transformation<SourceRecord>, Versioned {

    /** Prefix of the source's client settings. */
    public static final String SOURCE = "source.";

    private static final Duration REFRESH = Duration.ofSeconds(5);

    private final Map<String, KnownTopic> topics = new HashMap<>();

    private @Nullable Admin source;
    private @Nullable Uuid clusterId;

    @Override
    public void configure(Map<String, ?> settings) {
        Map<String, Object> client = new HashMap<>();
        settings.forEach((key, value) -> {
            if (key.startsWith(SOURCE)) {
                client.put(key.substring(SOURCE.length()), value);
            }
        });
        if (!client.containsKey(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new ConfigException(
                    SOURCE + AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                    null,
                    "the stamp needs the source cluster's client settings");
        }
        source = Admin.create(client);
    }

    @Override
    public SourceRecord apply(SourceRecord record) {
        if (!(record.sourceOffset().get("offset") instanceof Number offset)
                || !(record.sourcePartition().get("topic") instanceof String topic)
                || !(record.sourcePartition().get("partition") instanceof Number partition)) {
            throw new ConnectException("record for " + record.topic() + " names no source topic, partition and offset:"
                    + " the stamp is for MirrorMaker's source connector only");
        }
        ProvenanceStamp stamp = new ProvenanceStamp(
                clusterId(topic),
                topicId(topic, partition.intValue(), offset.longValue()),
                partition.intValue(),
                offset.longValue());
        StampHeader.put(record.headers(), stamp);
        return record;
    }

    private Uuid clusterId(String topic) {
        Uuid known = clusterId;
        if (known == null) {
            known = answer(topic, this::askClusterId);
            clusterId = known;
        }
        return known;
    }

    private Uuid topicId(String topic, int partition, long offset) {
        KnownTopic known = topics.get(topic);
        if (known == null || known.isDoubtful(partition, offset)) {
            known = new KnownTopic(answer(topic, () -> askTopicId(topic)));
            topics.put(topic, known);
        }
        known.offsets.put(partition, offset);
        return known.id;
    }

    private interface Question {
        Uuid ask() throws InterruptedException;
    }

    private static Uuid answer(String topic, Question question) {
        try {
            return question.ask();
        } catch (KafkaException e) {
            throw new RetriableException("stamp of " + topic + ": the source cluster does not say its ids", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("stamp of " + topic + ": interrupted", e);
        }
    }

    private static final class KnownTopic {

        private final Uuid id;
        private final long askedAt = System.nanoTime();
        private final Map<Integer, Long> offsets = new HashMap<>();

        KnownTopic(Uuid id) {
            this.id = id;
        }

        boolean isDoubtful(int partition, long offset) {
            Long last = offsets.get(partition);
            return System.nanoTime() - askedAt > REFRESH.toNanos() || (last != null && offset <= last);
        }
    }

    private Uuid askClusterId() throws InterruptedException {
        return Uuid.fromString(KafkaAnswer.await(admin().describeCluster().clusterId(), "id of the source cluster"));
    }

    private Uuid askTopicId(String topic) throws InterruptedException {
        TopicDescription description = KafkaAnswer.await(
                        admin().describeTopics(List.of(topic)).allTopicNames(), "id of topic " + topic)
                .get(topic);
        return Objects.requireNonNull(description).topicId();
    }

    private Admin admin() {
        if (source == null) {
            throw new IllegalStateException("the stamp is not configured");
        }
        return source;
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
                .define(
                        SOURCE + AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                        ConfigDef.Type.STRING,
                        ConfigDef.Importance.HIGH,
                        "the source cluster; its other client settings go under the same prefix");
    }

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }

    @Override
    public void close() {
        if (source != null) {
            source.close(Duration.ofSeconds(1));
        }
    }
}
