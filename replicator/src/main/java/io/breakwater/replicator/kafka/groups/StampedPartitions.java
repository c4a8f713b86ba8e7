package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.PositionTranslator;
import io.breakwater.region.PositionTranslator.Translation;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** Partitions whose records carry stamps, searched by these. */
public final class StampedPartitions implements MirroredPartitions {

    private final Admin source;
    private final Admin standby;
    private final GroupTopics topics;
    private final PositionTranslator translator;
    private final MovedPositions moved;
    private Optional<Uuid> sourceClusterId = Optional.empty();

    /**
     * @param source stays the caller's to close, as the others do
     * @param group whose topics these are
     */
    public StampedPartitions(
            Admin source, Admin standby, ProtectionGroup group, PositionTranslator translator, MovedPositions moved) {
        this.source = source;
        this.standby = standby;
        this.topics = new GroupTopics(group);
        this.translator = translator;
        this.moved = moved;
    }

    @Override
    public Map<PartitionKey, Long> ends(Set<PartitionKey> partitions, Instant now) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        // Kafka's client asks for a partition that is not there until its time is over.
        for (PartitionKey partition : topics.partitions(standby, now)) {
            if (partitions.contains(partition)) {
                asked.put(new TopicPartition(partition.topic(), partition.partition()), OffsetSpec.latest());
            }
        }
        Map<PartitionKey, Long> ends = new TreeMap<>();
        if (!asked.isEmpty()) {
            Map<TopicPartition, ListOffsetsResultInfo> answers = KafkaAnswer.await(
                    standby.listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                            .all(),
                    "ends of partitions on the standby");
            answers.forEach((partition, info) -> ends.put(GroupSelection.key(partition), info.offset()));
        }
        return ends;
    }

    @Override
    public SortedMap<PartitionKey, SortedMap<Long, Translation>> search(
            SortedMap<PartitionKey, SortedSet<Long>> positions) throws InterruptedException {
        Uuid cluster = sourceCluster();
        Optional<SortedMap<PartitionKey, SortedMap<Long, Translation>>> inSegments = moved.search(cluster, positions);
        return inSegments.isPresent() ? inSegments.get() : translator.searchAll(cluster, positions, Map.of());
    }

    private Uuid sourceCluster() throws InterruptedException {
        if (sourceClusterId.isEmpty()) {
            sourceClusterId = Optional.of(Uuid.fromString(
                    KafkaAnswer.await(source.describeCluster().clusterId(), "id of the source cluster")));
        }
        return sourceClusterId.get();
    }
}
