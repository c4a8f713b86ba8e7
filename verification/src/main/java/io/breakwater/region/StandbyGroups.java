package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Consumer groups of a standby cluster, as far as their positions are written for them. Thread-safe. */
public final class StandbyGroups {

    private static final Set<GroupState> WITHOUT_MEMBERS = EnumSet.of(GroupState.EMPTY, GroupState.DEAD);

    private final Admin standby;

    /** @param standby stays the caller's to close */
    public StandbyGroups(Admin standby) {
        this.standby = standby;
    }

    /**
     * Those of the groups that have members on this cluster; their positions are their own.
     *
     * @throws KafkaException if the cluster does not answer
     */
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
     * Sets the positions of a group without members.
     *
     * @throws KafkaException if the cluster does not answer, or refuses: also when the group has become active
     */
    public void write(String group, Map<PartitionKey, Long> offsets) throws InterruptedException {
        KafkaAnswer.await(
                standby.alterConsumerGroupOffsets(
                                group,
                                offsets.entrySet().stream()
                                        .collect(Collectors.toMap(
                                                e -> VisibleRecords.kafkas(e.getKey()),
                                                e -> new OffsetAndMetadata(e.getValue()))))
                        .all(),
                "write positions of group " + group);
    }
}
