package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.region.GroupTopics;
import io.breakwater.region.KafkaAnswer;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;

/** What the consumer groups of a protection group have committed in a region that lives. */
final class SourceGroups {

    private final Admin source;
    private final GroupTopics topics;
    private final List<Pattern> patterns;

    /** @param source stays the caller's to close */
    SourceGroups(Admin source, ProtectionGroup group) {
        this.source = source;
        this.topics = new GroupTopics(group);
        this.patterns = group.patterns(AssetSpec.CONSUMER_GROUP).stream()
                .map(Pattern::compile)
                .toList();
    }

    /**
     * By consumer group, in the protection group's topics.
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster does not answer
     */
    Map<String, OffsetVector> committed() throws InterruptedException {
        List<String> groups =
                KafkaAnswer.await(
                                source.listGroups(ListGroupsOptions.forConsumerGroups())
                                        .all(),
                                "list groups")
                        .stream()
                        .map(GroupListing::groupId)
                        .filter(id -> patterns.stream()
                                .anyMatch(pattern -> pattern.matcher(id).matches()))
                        .toList();
        Map<String, OffsetVector> committed = new TreeMap<>();
        if (groups.isEmpty()) {
            return committed;
        }
        KafkaAnswer.await(
                        source.listConsumerGroupOffsets(groups.stream()
                                        .collect(Collectors.toMap(id -> id, id -> new ListConsumerGroupOffsetsSpec())))
                                .all(),
                        "list positions of groups")
                .forEach((group, positions) -> {
                    SortedMap<PartitionKey, Long> ends = new TreeMap<>();
                    positions.forEach((partition, position) -> {
                        if (position != null && topics.contains(partition.topic())) {
                            ends.put(new PartitionKey(partition.topic(), partition.partition()), position.offset());
                        }
                    });
                    committed.put(group, new OffsetVector(ends));
                });
        return committed;
    }
}
