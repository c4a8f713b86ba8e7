package io.breakwater.region;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;

/** The topics of a protection group on one cluster. For one thread. */
public final class GroupTopics {

    private static final Duration REFRESH = Duration.ofSeconds(5);

    private final List<Pattern> patterns;
    private SortedSet<PartitionKey> partitions = new TreeSet<>();
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
        KafkaAnswer.await(cluster.describeTopics(topics).allTopicNames(), "describe topics")
                .forEach((topic, description) -> description
                        .partitions()
                        .forEach(partition -> found.add(new PartitionKey(topic, partition.partition()))));
        partitions = found;
        refreshedAt = now;
        return found;
    }
}
