package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DeleteConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Groups of a standby cluster that commit positions (classic, KIP-848 and streams groups), as far as their positions are
 * written for them. The cluster refuses to write those of a group with members, so that none can be overwritten that
 * became active after it was asked. Thread-safe.
 */
public final class StandbyGroups implements StandbyPositions {

    static final Set<GroupState> WITHOUT_MEMBERS = EnumSet.of(GroupState.EMPTY, GroupState.DEAD);

    private final Admin standby;

    /** @param standby stays the caller's to close */
    public StandbyGroups(Admin standby) {
        this.standby = standby;
    }

    @Override
    public Set<String> active(Collection<String> groups) throws InterruptedException {
        Set<String> active = new TreeSet<>();
        for (Map.Entry<String, KafkaFuture<ConsumerGroupDescription>> group :
                standby.describeConsumerGroups(groups).describedGroups().entrySet()) {
            try {
                ConsumerGroupDescription description =
                        KafkaAnswer.await(group.getValue(), "describe group " + group.getKey());
                if (!WITHOUT_MEMBERS.contains(description.groupState())) {
                    active.add(group.getKey());
                }
            } catch (GroupIdNotFoundException e) {
                active.remove(group.getKey());
            }
        }
        return active;
    }

    /**
     * Sets the positions of a group without members, and leaves the texts that are there with them; nothing is asked if
     * there are none.
     *
     * @throws KafkaException if the cluster does not answer, or refuses: also when the group has become active
     */
    public void write(String group, Map<PartitionKey, Long> offsets) throws InterruptedException {
        if (offsets.isEmpty()) {
            return;
        }
        Map<PartitionKey, Position> positions = new TreeMap<>();
        offsets.forEach((partition, offset) -> positions.put(partition, Position.at(offset)));
        Map<TopicPartition, OffsetAndMetadata> there =
                there(Map.of(group, positions)).getOrDefault(group, Map.of());
        KafkaAnswer.await(
                standby.alterConsumerGroupOffsets(group, kafkas(positions, there))
                        .all(),
                "write positions of group " + group);
    }

    @Override
    public Map<String, Outcome> write(Map<String, Map<PartitionKey, Position>> positions) throws InterruptedException {
        Map<String, Map<TopicPartition, OffsetAndMetadata>> there = there(positions);
        Map<String, Map<PartitionKey, KafkaFuture<Void>>> answers = new TreeMap<>();
        positions.forEach((group, offsets) -> {
            AlterConsumerGroupOffsetsResult answer =
                    standby.alterConsumerGroupOffsets(group, kafkas(offsets, there.getOrDefault(group, Map.of())));
            answers.put(group, byPartition(offsets.keySet(), answer::partitionResult));
        });
        return GroupAnswers.outcomes("write position", answers);
    }

    @Override
    public Map<String, Outcome> delete(Map<String, Set<PartitionKey>> positions) throws InterruptedException {
        Map<String, Map<PartitionKey, KafkaFuture<Void>>> answers = new TreeMap<>();
        positions.forEach((group, partitions) -> {
            DeleteConsumerGroupOffsetsResult answer = standby.deleteConsumerGroupOffsets(
                    group, partitions.stream().map(VisibleRecords::kafkas).collect(Collectors.toSet()));
            answers.put(group, byPartition(partitions, answer::partitionResult));
        });
        return GroupAnswers.outcomes("delete position", answers);
    }

    private static Map<PartitionKey, KafkaFuture<Void>> byPartition(
            Set<PartitionKey> partitions, Function<TopicPartition, KafkaFuture<Void>> answer) {
        return partitions.stream()
                .collect(Collectors.toMap(
                        partition -> partition, partition -> answer.apply(VisibleRecords.kafkas(partition))));
    }

    /** What is committed now of the groups that have a position whose text is to be left. */
    private Map<String, Map<TopicPartition, OffsetAndMetadata>> there(
            Map<String, Map<PartitionKey, Position>> positions) throws InterruptedException {
        Set<String> asked = positions.entrySet().stream()
                .filter(group -> group.getValue().values().stream()
                        .anyMatch(position -> position.metadata().isEmpty()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        Map<String, Map<TopicPartition, OffsetAndMetadata>> there = new HashMap<>();
        if (asked.isEmpty()) {
            return there;
        }
        ListConsumerGroupOffsetsResult answers = standby.listConsumerGroupOffsets(
                asked.stream().collect(Collectors.toMap(group -> group, group -> new ListConsumerGroupOffsetsSpec())));
        for (String group : asked) {
            try {
                there.put(
                        group,
                        KafkaAnswer.await(
                                answers.partitionsToOffsetAndMetadata(group), "list positions of group " + group));
            } catch (GroupIdNotFoundException e) {
                there.remove(group); // it is made by the first position
            }
        }
        return there;
    }

    private static Map<TopicPartition, OffsetAndMetadata> kafkas(
            Map<PartitionKey, Position> positions, Map<TopicPartition, OffsetAndMetadata> there) {
        Map<TopicPartition, OffsetAndMetadata> kafkas = new HashMap<>();
        positions.forEach((key, position) -> {
            TopicPartition partition = VisibleRecords.kafkas(key);
            String left = Optional.ofNullable(there.get(partition))
                    .map(OffsetAndMetadata::metadata)
                    .orElse("");
            kafkas.put(
                    partition,
                    new OffsetAndMetadata(position.offset(), position.metadata().orElse(left)));
        });
        return kafkas;
    }
}
