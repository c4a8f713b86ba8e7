package io.breakwater.region;

import io.breakwater.platform.PartitionKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
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

    private static final long PIECE_BYTES = 500_000;

    /** Of a position in the cluster's topic, beside the names and the text; a group's name has 255 bytes at most. */
    private static final long RECORD_BYTES = 400;

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
     * {@inheritDoc} A text that is longer than the cluster takes ({@code offset.metadata.max.bytes}) is left out: half of
     * one would mean something else to the application, or nothing.
     */
    @Override
    public Map<String, Outcome> write(Map<String, Map<PartitionKey, Position>> positions) throws InterruptedException {
        Map<String, Outcome> outcomes = set(positions, there(positions));
        Map<String, Map<PartitionKey, Position>> bare = new TreeMap<>();
        outcomes.forEach((group, outcome) -> {
            if (outcome instanceof Done done && !done.textless().isEmpty()) {
                Map<PartitionKey, Position> own = new TreeMap<>(positions.getOrDefault(group, Map.of()));
                own.keySet().retainAll(done.textless());
                own.replaceAll((partition, position) -> new Position(position.offset(), Optional.of("")));
                bare.put(group, own);
            }
        });
        if (!bare.isEmpty()) {
            set(bare, Map.of()).forEach((group, outcome) -> outcomes.merge(group, outcome, StandbyGroups::both));
        }
        return outcomes;
    }

    /** @param second of those that the first could not set with their texts */
    private static Outcome both(Outcome first, Outcome second) {
        if (!(first instanceof Done before) || !(second instanceof Done after)) {
            return second;
        }
        SortedMap<PartitionKey, String> refused = new TreeMap<>(before.refused());
        refused.putAll(after.refused());
        SortedSet<PartitionKey> textless = new TreeSet<>(before.textless());
        textless.removeAll(after.refused().keySet());
        return new Done(refused, textless);
    }

    private Map<String, Outcome> set(
            Map<String, Map<PartitionKey, Position>> positions,
            Map<String, Map<TopicPartition, OffsetAndMetadata>> there)
            throws InterruptedException {
        Map<String, Map<PartitionKey, KafkaFuture<Void>>> answers = new TreeMap<>();
        positions.forEach((group, offsets) -> {
            Map<PartitionKey, KafkaFuture<Void>> own = new TreeMap<>();
            for (Map<TopicPartition, OffsetAndMetadata> some :
                    pieces(kafkas(offsets, there.getOrDefault(group, Map.of())))) {
                AlterConsumerGroupOffsetsResult answer = standby.alterConsumerGroupOffsets(group, some);
                some.keySet()
                        .forEach(
                                partition -> own.put(VisibleRecords.key(partition), answer.partitionResult(partition)));
            }
            answers.put(group, own);
        });
        return GroupAnswers.outcomes("write position", answers);
    }

    /** Each fits into one batch of the cluster's own topic, whose {@code max.message.bytes} is 1 MB by default. */
    private static List<Map<TopicPartition, OffsetAndMetadata>> pieces(Map<TopicPartition, OffsetAndMetadata> all) {
        List<Map<TopicPartition, OffsetAndMetadata>> pieces = new ArrayList<>();
        Map<TopicPartition, OffsetAndMetadata> piece = new HashMap<>();
        long bytes = 0;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> position : all.entrySet()) {
            long more = RECORD_BYTES
                    + position.getKey().topic().length()
                    + position.getValue().metadata().getBytes(StandardCharsets.UTF_8).length;
            if (!piece.isEmpty() && bytes + more > PIECE_BYTES) {
                pieces.add(piece);
                piece = new HashMap<>();
                bytes = 0;
            }
            piece.put(position.getKey(), position.getValue());
            bytes += more;
        }
        if (!piece.isEmpty()) {
            pieces.add(piece);
        }
        return pieces;
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
