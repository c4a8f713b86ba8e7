package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterShareGroupOffsetsResult;
import org.apache.kafka.clients.admin.DeleteShareGroupOffsetsResult;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Share groups (KIP-932) of a standby cluster, as far as their start offsets are written for them. The cluster refuses
 * those of a group with members. Start offsets are deleted by topic. Thread-safe.
 */
public final class StandbyShareGroups implements StandbyPositions {

    private final Admin standby;

    /** @param standby stays the caller's to close */
    public StandbyShareGroups(Admin standby) {
        this.standby = standby;
    }

    @Override
    public Set<String> active(Collection<String> groups) throws InterruptedException {
        Set<String> active = new TreeSet<>();
        if (groups.isEmpty()) {
            return active;
        }
        for (Map.Entry<String, KafkaFuture<ShareGroupDescription>> group :
                standby.describeShareGroups(groups).describedGroups().entrySet()) {
            try {
                ShareGroupDescription description =
                        KafkaAnswer.await(group.getValue(), "describe share group " + group.getKey());
                if (!StandbyGroups.WITHOUT_MEMBERS.contains(description.groupState())) {
                    active.add(group.getKey());
                }
            } catch (GroupIdNotFoundException e) {
                active.remove(group.getKey());
            }
        }
        return active;
    }

    /** {@inheritDoc} A share group has no text with its start offsets. */
    @Override
    public Map<String, Outcome> write(Map<String, Map<PartitionKey, Position>> positions) throws InterruptedException {
        Map<String, Map<PartitionKey, KafkaFuture<Void>>> answers = new TreeMap<>();
        positions.forEach((group, offsets) -> {
            AlterShareGroupOffsetsResult answer = standby.alterShareGroupOffsets(
                    group,
                    offsets.entrySet().stream()
                            .collect(Collectors.toMap(
                                    e -> VisibleRecords.kafkas(e.getKey()),
                                    e -> e.getValue().offset())));
            Map<PartitionKey, KafkaFuture<Void>> own = new HashMap<>();
            offsets.keySet()
                    .forEach(partition -> own.put(partition, answer.partitionResult(VisibleRecords.kafkas(partition))));
            answers.put(group, own);
        });
        return GroupAnswers.outcomes("write start offset", answers);
    }

    @Override
    public Map<String, Outcome> delete(Map<String, Set<PartitionKey>> positions) throws InterruptedException {
        Map<String, Map<PartitionKey, KafkaFuture<Void>>> answers = new TreeMap<>();
        positions.forEach((group, partitions) -> {
            DeleteShareGroupOffsetsResult answer = standby.deleteShareGroupOffsets(
                    group, partitions.stream().map(PartitionKey::topic).collect(Collectors.toSet()));
            Map<PartitionKey, KafkaFuture<Void>> own = new HashMap<>();
            partitions.forEach(partition -> own.put(partition, answer.topicResult(partition.topic())));
            answers.put(group, own);
        });
        return GroupAnswers.outcomes("delete start offset", answers);
    }
}
