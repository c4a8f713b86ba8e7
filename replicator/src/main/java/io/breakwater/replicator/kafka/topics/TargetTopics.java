package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.EarlierCopy;
import io.breakwater.region.EarlierCopy.Finding;
import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
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

    private final Map<String, Object> sourceSettings;
    private final Map<String, Object> targetSettings;
    private final Admin source;
    private final Admin target;
    private final String targetName;
    private final Map<String, Facts> known = new HashMap<>();
    private final Map<PartitionKey, Long> absentSince = new HashMap<>();
    private final Set<PartitionKey> empty = new HashSet<>();
    private final TopicIds ids;

    /** Of a copy: the first offset that is kept, and the end. */
    record Extent(long begin, long end) {

        boolean isEmpty() {
            return begin == end;
        }

        /** Whether nothing has ever been written, as after a topic was deleted and made anew. */
        boolean isUnwritten() {
            return end == 0;
        }
    }

    private record Facts(Uuid topicId, int partitions, boolean writable, long sourceLimit, long limit) {}

    /** Whether a record can be sent. */
    sealed interface Room {
        /** It can. */
        record Enough() implements Room {}

        /** Nothing is known yet: ask again. */
        record NotYet(String why) implements Room {}

        /** It cannot: there is no such partition, and there may be in a moment. */
        record Absent(String why) implements Room {}

        /** It cannot, and that will not change by itself. */
        record Refused(String why) implements Room {}

        default boolean isRefused() {
            return this instanceof Refused || this instanceof Absent;
        }
    }

    private static final Room ENOUGH = new Room.Enough();

    /**
     * @param targetName for messages
     * @param topics that may be asked about
     */
    TargetTopics(
            Map<String, Object> sourceSettings,
            Map<String, Object> targetSettings,
            String targetName,
            Collection<String> topics) {
        this.sourceSettings = sourceSettings;
        this.targetSettings = targetSettings;
        this.source = Admin.create(sourceSettings);
        this.target = Admin.create(targetSettings);
        this.targetName = targetName;
        this.ids = new TopicIds(target, topics);
    }

    /**
     * Forgets what is known of topics that were deleted or made anew since. Never waits.
     *
     * @return the topics that were made anew since this was called last
     */
    Set<String> refresh() {
        ids.refresh();
        known.entrySet()
                .removeIf(topic -> ids.isGone(topic.getKey())
                        || ids.id(topic.getKey())
                                .filter(id -> !id.equals(topic.getValue().topicId()))
                                .isPresent());
        return ids.madeAnew();
    }

    @Override
    public Optional<Uuid> copyId(String topic) {
        return Optional.ofNullable(known.get(topic)).map(Facts::topicId);
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
                    + targetName + ": allow it DESCRIBE (" + e.getMessage() + ")");
        } catch (KafkaException e) {
            return new Room.NotYet(targetName + " does not answer: " + e.getMessage());
        }
    }

    @Override
    public Room beginning(PartitionKey partition, Uuid topicId) throws InterruptedException {
        if (empty.contains(partition)) {
            return ENOUGH;
        }
        try {
            Extent copy = extents(List.of(partition)).get(partition);
            if (copy == null || copy.isEmpty()) {
                return ENOUGH;
            }
            try (EarlierCopy earlier = new EarlierCopy(source, sourceSettings, targetSettings)) {
                return judged(partition, earlier.find(partition, topicId));
            }
        } catch (KafkaException e) {
            return new Room.NotYet(
                    "whether " + targetName + " has records of " + partition + " already is not known: " + e);
        }
    }

    private Room judged(PartitionKey partition, Finding found) {
        if (found instanceof Finding.Brought brought) {
            return new Room.Refused(doubled(partition, brought));
        }
        if (found instanceof Finding.Unproven unproven) {
            return new Room.Refused("the flow has no offset for it, and whether " + targetName
                    + " has its records already"
                    + " cannot be told: " + unproven.why() + "; from the beginning, they might be there twice. Stop the"
                    + " connector, give it the offset of the last one that was mirrored, or -1 if none was ('Taking over"
                    + " from MirrorMaker' in replicator/docs/topics.md says how), and resume it; or delete topic "
                    + partition.topic() + " on " + targetName + " to have it mirrored anew");
        }
        LOG.info("{} has records on {} that are not the source's: its own come behind them", partition, targetName);
        return ENOUGH;
    }

    private String doubled(PartitionKey partition, Finding.Brought found) {
        return "the flow has no offset for it, and " + targetName + " has its records already: "
                + (found.isStamped() ? "a flow" : "another mirror, which did not stamp them,") + " brought them, up to"
                + " offset " + found.sourceOffset() + " of the source at offset " + found.targetOffset() + " on "
                + targetName + "; from the beginning, all of them would be there twice. Stop the connector, give it the"
                + " offset of the last one that was mirrored ('Taking over from MirrorMaker' in"
                + " replicator/docs/topics.md says how), and resume it; or delete topic " + partition.topic() + " on "
                + targetName + " to have it mirrored anew";
    }

    @Override
    public boolean isEmpty(PartitionKey partition) throws InterruptedException {
        try {
            Extent extent = extents(List.of(partition)).get(partition);
            return extent != null && extent.isEmpty();
        } catch (KafkaException e) {
            LOG.info("{} whether its copy on {} is empty is not known: {}", partition, targetName, e.getMessage());
            return false;
        }
    }

    /**
     * What the standby has of partitions; those that it does not have are left out.
     *
     * @throws KafkaException if it does not answer, or refuses
     */
    Map<PartitionKey, Extent> extents(Collection<PartitionKey> partitions) throws InterruptedException {
        Set<String> topics = partitions.stream().map(PartitionKey::topic).collect(Collectors.toSet());
        Map<String, TopicDescription> described = new HashMap<>();
        for (var answer : target.describeTopics(topics).topicNameValues().entrySet()) {
            try {
                described.put(
                        answer.getKey(),
                        KafkaAnswer.await(
                                answer.getValue(), "describe topic " + answer.getKey() + " on " + targetName));
            } catch (UnknownTopicOrPartitionException e) {
                described.remove(answer.getKey());
            }
        }
        List<TopicPartition> there = partitions.stream()
                .filter(partition -> Optional.ofNullable(described.get(partition.topic()))
                        .filter(topic ->
                                partition.partition() < topic.partitions().size())
                        .isPresent())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        Map<PartitionKey, Long> begins = offsets(there, OffsetSpec.earliest());
        Map<PartitionKey, Extent> extents = new HashMap<>();
        offsets(there, OffsetSpec.latest())
                .forEach((partition, end) ->
                        extents.put(partition, new Extent(begins.getOrDefault(partition, 0L), end)));
        extents.forEach((partition, extent) -> {
            if (extent.isEmpty()) {
                empty.add(partition);
            } else {
                empty.remove(partition);
            }
        });
        return extents;
    }

    private Map<PartitionKey, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec)
            throws InterruptedException {
        Map<PartitionKey, Long> offsets = new HashMap<>();
        KafkaAnswer.await(
                        target.listOffsets(partitions.stream()
                                        .collect(Collectors.toMap(partition -> partition, partition -> spec)))
                                .all(),
                        "offsets of " + partitions.size() + " partitions on " + targetName)
                .forEach((partition, info) ->
                        offsets.put(new PartitionKey(partition.topic(), partition.partition()), info.offset()));
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
                    + targetName + ": allow it WRITE");
        }
        if (partition.partition() >= facts.partitions()) {
            return absent(partition, "the topic has " + facts.partitions() + " partitions on " + targetName);
        }
        return new Room.Refused("a record of " + bytes + " bytes is too large for topic " + partition.topic() + " on "
                + targetName + ", which takes " + facts.limit() + ": raise its max.message.bytes to "
                + (bytes + MessageLimits.ROOM) + " (at most " + MessageLimits.GREATEST
                + " can be mirrored)");
    }

    private Room absent(PartitionKey partition, String what) {
        long since = absentSince.computeIfAbsent(partition, p -> System.nanoTime());
        return System.nanoTime() - since < PATIENCE.toNanos()
                ? new Room.Absent(what)
                : new Room.Refused(what + ", and MirrorMaker did not make it in " + PATIENCE
                        + ": look for the reason in the worker's log (is the flow's principal allowed to CREATE and"
                        + " ALTER topics?), and correct that");
    }

    private Facts ask(String topic) throws InterruptedException {
        TopicDescription description = describe(topic);
        boolean writable = description.authorizedOperations() == null
                || description.authorizedOperations().contains(AclOperation.WRITE);
        long limit = Objects.requireNonNull(
                MessageLimits.read(target, List.of(topic)).get(topic));
        return new Facts(description.topicId(), description.partitions().size(), writable, sourceLimit(topic), limit);
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
            return new Facts(facts.topicId(), facts.partitions(), facts.writable(), facts.sourceLimit(), wanted);
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
        ids.close();
    }
}
