package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.Alarm;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ForeignWrites;
import io.breakwater.region.KafkaSettings;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.kafka.topics.TopicPlan.Topic;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * Watches the standby's copies of systems of record: whether somebody else writes to them. A foreign record stays an
 * alarm until the copy is made anew. For one thread.
 */
final class SystemRecords implements AutoCloseable {

    private final List<TopicAsset> assets;
    private final String target;
    private final ForeignWrites writes;
    private final SortedMap<PartitionKey, Foreign> known;

    /** @param topicId of the standby's topic when it was found, as text */
    record Foreign(String topicId, long firstOffset, long count) {}

    record Memory(SortedMap<PartitionKey, Foreign> foreign) {
        static final Memory NONE = new Memory(new TreeMap<>());
    }

    SystemRecords(FlowConfig config, List<TopicAsset> assets, Memory memory) {
        this.assets = assets.stream().filter(TopicAsset::isSystem).toList();
        this.target = config.flow().to();
        this.writes = new ForeignWrites(KafkaSettings.mirror(config.to().kafka()));
        this.known = new TreeMap<>(memory.foreign());
    }

    Memory memory() {
        return new Memory(new TreeMap<>(known));
    }

    /** @param targets the standby's topics of the group */
    List<Alarm> look(Map<String, Topic> targets) {
        SortedSet<PartitionKey> partitions = new TreeSet<>();
        targets.forEach((name, topic) -> {
            if (assets.stream().anyMatch(asset -> asset.contains(name))) {
                IntStream.range(0, topic.partitions()).forEach(p -> partitions.add(new PartitionKey(name, p)));
            }
        });
        known.entrySet().removeIf(e -> !e.getValue().topicId().equals(id(targets, e.getKey())));
        if (!partitions.isEmpty()) {
            writes.look(partitions)
                    .forEach((partition, found) -> known.merge(
                            partition,
                            new Foreign(id(targets, partition), found.firstOffset(), found.count()),
                            (old, more) -> new Foreign(old.topicId(), old.firstOffset(), old.count() + more.count())));
        }
        return known.entrySet().stream()
                .map(e -> alarm(e.getKey(), e.getValue()))
                .toList();
    }

    private static String id(Map<String, Topic> targets, PartitionKey partition) {
        Topic topic = targets.get(partition.topic());
        return Objects.requireNonNull(topic == null ? Uuid.ZERO_UUID : topic.id())
                .toString();
    }

    private Alarm alarm(PartitionKey partition, Foreign foreign) {
        return new Alarm(
                "foreign-write",
                partition.toString(),
                "partition " + partition + " is a copy of a system of record, and somebody else wrote to it on "
                        + target
                        + ": " + foreign.count() + " records, the first at offset " + foreign.firstOffset()
                        + "; find the writer (a schema registry that believes to be the primary?) and stop it, then"
                        + " delete the topic on " + target + " so that the mirror makes it anew",
                true);
    }

    @Override
    public void close() {
        writes.close();
    }
}
