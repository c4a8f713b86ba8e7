package io.breakwater.region;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** The topics of a protection group on one cluster. For one thread. */
public final class GroupTopics {

    private static final Duration REFRESH = Duration.ofSeconds(5);

    private final List<Pattern> patterns;
    private SortedSet<PartitionKey> partitions = new TreeSet<>();
    private SortedMap<String, Uuid> ids = new TreeMap<>();
    private Instant refreshedAt = Instant.EPOCH;

    public GroupTopics(ProtectionGroup group) {
        this.patterns = group.patterns(AssetSpec.KAFKA_TOPIC).stream()
                .map(Pattern::compile)
                .toList();
    }

    /** Whether a topic of this name belongs to the group. */
    public boolean contains(String topic) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(topic).matches());
    }

    /** The id of each topic, as of the last time when {@link #partitions} asked. */
    public SortedMap<String, Uuid> ids() {
        return Collections.unmodifiableSortedMap(ids);
    }

    /**
     * All partitions of the group's topics, asked again after {@link #REFRESH}.
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster does not answer
     */
    public SortedSet<PartitionKey> partitions(Admin cluster, Instant now) throws InterruptedException {
        if (now.isBefore(refreshedAt.plus(REFRESH))) {
            return partitions;
        }
        List<String> topics = KafkaAnswer.await(cluster.listTopics().names(), "list topics").stream()
                .filter(this::contains)
                .toList();
        SortedSet<PartitionKey> found = new TreeSet<>();
        SortedMap<String, Uuid> foundIds = new TreeMap<>();
        for (var answer : cluster.describeTopics(topics).topicNameValues().entrySet()) {
            try {
                TopicDescription description =
                        KafkaAnswer.await(answer.getValue(), "describe topic " + answer.getKey());
                foundIds.put(answer.getKey(), description.topicId());
                description
                        .partitions()
                        .forEach(partition -> found.add(new PartitionKey(answer.getKey(), partition.partition())));
            } catch (UnknownTopicOrPartitionException | TopicAuthorizationException e) {
                // Gone, or hidden, since it was listed: the others count.
                foundIds.remove(answer.getKey());
            }
        }
        ids = foundIds;
        partitions = found;
        refreshedAt = now;
        return found;
    }
}
