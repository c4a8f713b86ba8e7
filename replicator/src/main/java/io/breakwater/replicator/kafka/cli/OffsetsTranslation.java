package io.breakwater.replicator.kafka.cli;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.StampedPositions;
import io.breakwater.region.StampedPositions.Answer;
import io.breakwater.region.StandbyGroups;
import io.breakwater.region.StandbyPositions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** Source positions of groups, or of nobody in particular, and what they are on the target. For one thread. */
final class OffsetsTranslation {

    private static final String ACTIVE = "it has members on the target: stop its consumers there, then run this again";

    private final Cluster target;
    private final TargetNames names;
    private final List<Line> lines = new ArrayList<>();
    private final SortedSet<String> applied = new TreeSet<>();
    private final SortedMap<String, String> refused = new TreeMap<>();

    /**
     * @param group {@link PositionsFile#NO_GROUP} for a position of nobody in particular
     * @param partition of the source
     * @param onTarget the same partition, as it is named there
     */
    record Line(String group, PartitionKey partition, long offset, PartitionKey onTarget, Answer answer) {

        Optional<Long> targetOffset() {
            if (answer instanceof Answer.ByStamp found) {
                return Optional.of(found.offset());
            }
            if (answer instanceof Answer.Early early) {
                return Optional.of(early.offset());
            }
            return answer instanceof Answer.MirrorEnd end ? Optional.of(end.offset()) : Optional.empty();
        }
    }

    OffsetsTranslation(Cluster target, TargetNames names) {
        this.target = target;
        this.names = names;
    }

    /**
     * The committed positions of groups of a cluster.
     *
     * @param groups empty for all of its consumer groups
     * @return groups without a position on a wanted topic are left out
     */
    static SortedMap<String, OffsetVector> committed(Cluster source, Collection<String> groups, Pattern topics) {
        Set<String> names = new TreeSet<>(groups.isEmpty() ? consumerGroups(source) : groups);
        SortedMap<String, OffsetVector> committed = new TreeMap<>();
        if (names.isEmpty()) {
            return committed;
        }
        Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = source.asking(() -> KafkaAnswer.await(
                source.admin()
                        .listConsumerGroupOffsets(names.stream()
                                .collect(Collectors.toMap(name -> name, name -> new ListConsumerGroupOffsetsSpec())))
                        .all(),
                "list positions of groups"));
        offsets.forEach((group, positions) -> {
            SortedMap<PartitionKey, Long> ends = new TreeMap<>();
            positions.forEach((partition, position) -> {
                if (position != null && topics.matcher(partition.topic()).matches()) {
                    ends.put(new PartitionKey(partition.topic(), partition.partition()), position.offset());
                }
            });
            if (!ends.isEmpty()) {
                committed.put(group, new OffsetVector(ends));
            }
        });
        return committed;
    }

    private static List<String> consumerGroups(Cluster source) {
        return source
                .asking(() -> KafkaAnswer.await(
                        source.admin()
                                .listGroups(ListGroupsOptions.forConsumerGroups())
                                .all(),
                        "list groups"))
                .stream()
                .map(GroupListing::groupId)
                .toList();
    }

    /** All groups in one search: what is read for one position serves the others. */
    void translate(StampedPositions stamped, Uuid sourceClusterId, SortedMap<String, OffsetVector> groups) {
        SortedMap<PartitionKey, SortedSet<Long>> wanted = new TreeMap<>();
        groups.values()
                .forEach(vector -> vector.ends()
                        .forEach((partition, offset) -> wanted.computeIfAbsent(
                                        names.onTarget(partition), key -> new TreeSet<>())
                                .add(offset)));
        SortedMap<PartitionKey, SortedMap<Long, Answer>> answers =
                target.asking(() -> stamped.translate(sourceClusterId, wanted));
        groups.forEach((group, vector) -> vector.ends().forEach((partition, offset) -> {
            PartitionKey onTarget = names.onTarget(partition);
            Answer answer = Objects.requireNonNull(answers.get(onTarget)).get(offset);
            lines.add(new Line(group, partition, offset, onTarget, Objects.requireNonNull(answer)));
        }));
    }

    /** Writes what was translated to the groups of the target that have no members, and remembers which had. */
    void apply() {
        StandbyGroups groups = new StandbyGroups(target.admin());
        SortedMap<String, Map<PartitionKey, StandbyPositions.Position>> translated = new TreeMap<>();
        lines.forEach(line -> line.targetOffset()
                .ifPresent(offset -> translated
                        .computeIfAbsent(line.group(), group -> new TreeMap<>())
                        .put(line.onTarget(), StandbyPositions.Position.at(offset))));
        for (String group : target.asking(() -> groups.active(translated.keySet()))) {
            refuse(group, ACTIVE);
            translated.remove(group);
        }
        target.asking(() -> groups.write(translated)).forEach((group, outcome) -> {
            if (outcome instanceof StandbyPositions.Done done && done.refused().isEmpty()) {
                applied.add(group);
            } else if (outcome instanceof StandbyPositions.Done done) {
                refuse(group, "the target does not take all of its positions: " + done.refused());
            } else {
                refuse(group, ACTIVE);
            }
        });
    }

    void refuse(String group, String why) {
        refused.put(group, why);
    }

    List<Line> lines() {
        return List.copyOf(lines);
    }

    SortedSet<String> applied() {
        return applied;
    }

    /** Why, by group. */
    SortedMap<String, String> refused() {
        return refused;
    }

    /** Whether each position has its exact place on the target, and no group was refused. */
    boolean isComplete() {
        return refused.isEmpty()
                && lines.stream()
                        .noneMatch(line -> line.answer() instanceof Answer.Early
                                || line.answer() instanceof Answer.Untranslatable);
    }
}
