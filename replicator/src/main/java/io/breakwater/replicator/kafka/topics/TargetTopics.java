package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the standby's topics take what the mirror brings, looked at before it is sent: a refused record would end
 * the task and with it the whole flow. Raises a topic's {@code max.message.bytes} where that is what is missing.
 * For one thread.
 */
final class TargetTopics implements MirrorGuard.Rooms, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TargetTopics.class);

    /** A topic that MirrorMaker has just made may not be known to all brokers. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Admin source;
    private final Admin target;
    private final String targetName;
    private final Map<String, Facts> known = new HashMap<>();
    private final Map<PartitionKey, Long> absentSince = new HashMap<>();
    private final Map<String, Boolean> unwritten = new HashMap<>();

    private record Facts(int partitions, boolean writable, long sourceLimit, long limit) {}

    /** Whether a record can be sent. */
    sealed interface Room {
        /** It can. */
        record Enough() implements Room {}

        /** Nothing is known yet: ask again. */
        record NotYet(String why) implements Room {}

        /** It cannot, and that will not change by itself. */
        record Refused(String why) implements Room {}
    }

    private static final Room ENOUGH = new Room.Enough();

    /** @param targetName for messages */
    TargetTopics(Admin source, Admin target, String targetName) {
        this.source = source;
        this.target = target;
        this.targetName = targetName;
    }

    @Override
    public Room room(PartitionKey partition, long bytes) throws InterruptedException {
        Facts facts = known.get(partition.topic());
        if (facts != null && fits(facts, partition, bytes)) {
            return ENOUGH;
        }
        try {
            Facts asked = raised(partition.topic(), ask(partition.topic()), bytes);
            known.put(partition.topic(), asked);
            return judge(asked, partition, bytes);
        } catch (UnknownTopicOrPartitionException e) {
            return absent(partition, "the topic is not on " + targetName);
        } catch (AuthorizationException e) {
            return new Room.Refused("the flow's principal may not describe topic " + partition.topic() + " on "
                    + targetName + ": allow it DESCRIBE, and restart the connector (" + e.getMessage() + ")");
        } catch (KafkaException e) {
            return new Room.NotYet(targetName + " does not answer: " + e.getMessage());
        }
    }

    /** Whether a topic of the standby has no record: then nothing can be mixed up in it. */
    boolean isEmpty(String topic) throws InterruptedException {
        SortedMap<Integer, Long> begins = offsets(topic, OffsetSpec.earliest());
        return offsets(topic, OffsetSpec.latest()).equals(begins);
    }

    /**
     * Whether nothing had ever been written to a topic of the standby when this was asked first, as after it was
     * deleted and made anew.
     */
    boolean wasUnwritten(String topic) throws InterruptedException {
        Boolean known = unwritten.get(topic);
        if (known == null) {
            known = offsets(topic, OffsetSpec.latest()).values().stream().allMatch(end -> end == 0);
            unwritten.put(topic, known);
        }
        return known;
    }

    private SortedMap<Integer, Long> offsets(String topic, OffsetSpec spec) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        describe(topic)
                .partitions()
                .forEach(partition -> asked.put(new TopicPartition(topic, partition.partition()), spec));
        SortedMap<Integer, Long> offsets = new TreeMap<>();
        KafkaAnswer.await(target.listOffsets(asked).all(), "offsets of topic " + topic + " on " + targetName)
                .forEach((partition, info) -> offsets.put(partition.partition(), info.offset()));
        return offsets;
    }

    private static boolean fits(Facts facts, PartitionKey partition, long bytes) {
        return facts.writable()
                && partition.partition() < facts.partitions()
                && bytes + MessageLimits.ROOM <= facts.limit();
    }

    private Room judge(Facts facts, PartitionKey partition, long bytes) {
        if (fits(facts, partition, bytes)) {
            absentSince.remove(partition);
            return ENOUGH;
        }
        if (!facts.writable()) {
            return new Room.Refused("the flow's principal may not write to topic " + partition.topic() + " on "
                    + targetName + ": allow it WRITE, and restart the connector");
        }
        if (partition.partition() >= facts.partitions()) {
            return absent(partition, "the topic has " + facts.partitions() + " partitions on " + targetName);
        }
        return new Room.Refused("a record of " + bytes + " bytes is too large for topic " + partition.topic() + " on "
                + targetName + ", which takes " + facts.limit() + ": raise its max.message.bytes to "
                + (bytes + MessageLimits.ROOM) + " (at most " + MessageLimits.GREATEST
                + " can be mirrored), and restart the connector");
    }

    private Room absent(PartitionKey partition, String what) {
        long since = absentSince.computeIfAbsent(partition, p -> System.nanoTime());
        return System.nanoTime() - since < PATIENCE.toNanos()
                ? new Room.NotYet(what)
                : new Room.Refused(what + ", and MirrorMaker did not make it in " + PATIENCE
                        + ": look for the reason in the worker's log (is the flow's principal allowed to CREATE and"
                        + " ALTER topics?), and restart the connector");
    }

    private Facts ask(String topic) throws InterruptedException {
        TopicDescription description = describe(topic);
        boolean writable = description.authorizedOperations() == null
                || description.authorizedOperations().contains(AclOperation.WRITE);
        long limit = Objects.requireNonNull(
                MessageLimits.read(target, List.of(topic)).get(topic));
        return new Facts(description.partitions().size(), writable, sourceLimit(topic), limit);
    }

    private TopicDescription describe(String topic) throws InterruptedException {
        DescribeTopicsOptions options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        return KafkaAnswer.await(
                Objects.requireNonNull(target.describeTopics(List.of(topic), options)
                        .topicNameValues()
                        .get(topic)),
                "describe topic " + topic + " on " + targetName);
    }

    /** 0 if the source does not say: then only the record itself counts. */
    private long sourceLimit(String topic) throws InterruptedException {
        try {
            return Objects.requireNonNull(
                    MessageLimits.read(source, List.of(topic)).get(topic));
        } catch (KafkaException e) {
            LOG.info("topic={} the source does not say its max.message.bytes: {}", topic, e.getMessage());
            return 0;
        }
    }

    private Facts raised(String topic, Facts facts, long bytes) throws InterruptedException {
        long wanted = MessageLimits.wanted(facts.sourceLimit(), bytes);
        if (facts.limit() >= wanted) {
            return facts;
        }
        try {
            MessageLimits.set(target, Map.of(topic, wanted));
            LOG.info("topic={} max.message.bytes on {} raised from {} to {}", topic, targetName, facts.limit(), wanted);
            return new Facts(facts.partitions(), facts.writable(), facts.sourceLimit(), wanted);
        } catch (AuthorizationException e) {
            LOG.warn(
                    "topic={} max.message.bytes on {} stays at {}, {} would be right: allow the flow's principal"
                            + " ALTER_CONFIGS: {}",
                    topic,
                    targetName,
                    facts.limit(),
                    wanted,
                    e.getMessage());
            return facts;
        }
    }

    @Override
    public void close() {
        source.close(Duration.ofSeconds(1));
        target.close(Duration.ofSeconds(1));
    }
}
