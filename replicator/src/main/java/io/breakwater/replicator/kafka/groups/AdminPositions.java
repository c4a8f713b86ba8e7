package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.KafkaAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * Positions as the group coordinators list them, asked once each {@link #INTERVAL}: of classic groups, of groups of the
 * new protocol (KIP-848) and of streams groups, which all commit in the same way. The time of a commit is not listed;
 * the previous question's time stands for it, so that an age is never told too small.
 */
final class AdminPositions implements CommittedPositions {

    static final Duration INTERVAL = Duration.ofMillis(500);

    private static final int PAUSE = 10;
    private static final int GROUPS_AT_ONCE = 500;
    private static final Set<String> COMMITTING = Set.of("", "consumer", "streams");

    private final Admin source;
    private final String region;
    private final GroupSelection selection;
    private final Notices notices;
    private SortedMap<String, SortedMap<PartitionKey, Commit>> last = new TreeMap<>();
    private Optional<Instant> askedAt = Optional.empty();

    /** @param source stays the caller's to close */
    AdminPositions(Admin source, String region, GroupSelection selection, Notices notices) {
        this.source = source;
        this.region = region;
        this.selection = selection;
        this.notices = notices;
    }

    @Override
    public SortedMap<String, SortedMap<PartitionKey, Commit>> read(Instant now) throws InterruptedException {
        if (askedAt.filter(at -> now.isBefore(at.plus(INTERVAL))).isEmpty()) {
            // After a pause nobody knows when something changed.
            last = ask(last, askedAt.filter(at -> now.isBefore(at.plus(INTERVAL.multipliedBy(PAUSE)))));
            askedAt = Optional.of(now);
        }
        return copy(last);
    }

    /** Takes over what is known from elsewhere, which is newer than what was listed here before. */
    void goOnFrom(SortedMap<String, SortedMap<PartitionKey, Commit>> known) {
        last = copy(known);
    }

    /**
     * As they are at this moment; what is new has no time.
     *
     * @param before what was known; it still counts for a group that cannot be read
     */
    SortedMap<String, SortedMap<PartitionKey, Commit>> list(SortedMap<String, SortedMap<PartitionKey, Commit>> before)
            throws InterruptedException {
        return ask(before, Optional.empty());
    }

    private SortedMap<String, SortedMap<PartitionKey, Commit>> ask(
            SortedMap<String, SortedMap<PartitionKey, Commit>> before, Optional<Instant> changedAfter)
            throws InterruptedException {
        Map<String, String> refused = new TreeMap<>();
        Set<String> asked = new TreeSet<>(before.keySet());
        asked.addAll(groups(refused));
        List<String> groups = List.copyOf(asked);
        SortedMap<String, SortedMap<PartitionKey, Commit>> positions = new TreeMap<>();
        for (int from = 0; from < groups.size(); from += GROUPS_AT_ONCE) {
            List<String> some = groups.subList(from, Math.min(groups.size(), from + GROUPS_AT_ONCE));
            ListConsumerGroupOffsetsResult answers = source.listConsumerGroupOffsets(
                    some.stream().collect(Collectors.toMap(id -> id, id -> new ListConsumerGroupOffsetsSpec())));
            for (String group : some) {
                try {
                    SortedMap<PartitionKey, Commit> own = commits(
                            KafkaAnswer.await(
                                    answers.partitionsToOffsetAndMetadata(group), "list positions of " + group),
                            before.getOrDefault(group, new TreeMap<>()),
                            changedAfter);
                    if (!own.isEmpty()) {
                        positions.put(group, own);
                    }
                } catch (AuthorizationException e) {
                    // Unreadable is not deleted.
                    Optional.ofNullable(before.get(group)).ifPresent(own -> positions.put(group, own));
                    refused.put(
                            group,
                            "its positions cannot be read on the cluster of region " + region + ": " + e.getMessage()
                                    + " Allow the mirror's principal DESCRIBE on the group and on its topics.");
                } catch (GroupIdNotFoundException e) {
                    positions.remove(group); // deleted between the two questions
                }
            }
        }
        keepHidden(positions, before, refused);
        notices.report(Notices.Area.SOURCE, refused);
        return positions;
    }

    /**
     * A listing leaves out what may not be seen. So what is missing is asked for by name: what is gone has no position
     * then, and what may not be seen has no answer.
     */
    private void keepHidden(
            SortedMap<String, SortedMap<PartitionKey, Commit>> positions,
            SortedMap<String, SortedMap<PartitionKey, Commit>> before,
            Map<String, String> refused)
            throws InterruptedException {
        Map<String, ListConsumerGroupOffsetsSpec> missing = new TreeMap<>();
        positions.forEach((group, own) -> {
            Set<PartitionKey> lost =
                    new TreeSet<>(before.getOrDefault(group, new TreeMap<>()).keySet());
            lost.removeAll(own.keySet());
            if (!lost.isEmpty()) {
                missing.put(
                        group,
                        new ListConsumerGroupOffsetsSpec()
                                .topicPartitions(lost.stream()
                                        .map(p -> new TopicPartition(p.topic(), p.partition()))
                                        .toList()));
            }
        });
        if (missing.isEmpty()) {
            return;
        }
        ListConsumerGroupOffsetsResult answers = source.listConsumerGroupOffsets(missing);
        for (Map.Entry<String, ListConsumerGroupOffsetsSpec> group : missing.entrySet()) {
            Set<TopicPartition> hidden = new HashSet<>(group.getValue().topicPartitions());
            hidden.removeAll(KafkaAnswer.await(
                            answers.partitionsToOffsetAndMetadata(group.getKey()),
                            "list positions of " + group.getKey())
                    .keySet());
            hidden.forEach(partition -> {
                PartitionKey key = GroupSelection.key(partition);
                Optional.ofNullable(before.getOrDefault(group.getKey(), new TreeMap<>())
                                .get(key))
                        .ifPresent(commit -> positions
                                .getOrDefault(group.getKey(), new TreeMap<>())
                                .put(key, commit));
                refused.put(
                        group.getKey(),
                        "its position on " + key + " cannot be read any more on the cluster of region " + region
                                + ": allow the mirror's principal DESCRIBE on the topic");
            });
        }
    }

    private List<String> groups(Map<String, String> refused) throws InterruptedException {
        List<String> groups = new ArrayList<>();
        for (GroupListing listing :
                KafkaAnswer.await(source.listGroups().all(), "list groups of the cluster of region " + region)) {
            if (!selection.contains(listing.groupId())) {
                continue;
            }
            if (COMMITTING.contains(listing.protocol())) {
                groups.add(listing.groupId());
            } else if (!listing.type().equals(Optional.of(GroupType.SHARE))) {
                refused.put(
                        listing.groupId(),
                        "a group of type "
                                + listing.type().map(GroupType::toString).orElse("unknown")
                                + " and protocol '" + listing.protocol() + "' on the cluster of region " + region
                                + " has no positions that can be kept; narrow the pattern of the consumer-group asset,"
                                + " so that it does not match it");
            }
        }
        return groups;
    }

    private SortedMap<PartitionKey, Commit> commits(
            Map<TopicPartition, OffsetAndMetadata> offsets,
            SortedMap<PartitionKey, Commit> before,
            Optional<Instant> changedAfter) {
        SortedMap<PartitionKey, Commit> commits = new TreeMap<>();
        offsets.forEach((partition, offset) -> {
            // Without a position, as Kafka lists a partition that only has a pending transactional one.
            if (offset == null || !selection.contains(partition)) {
                return;
            }
            PartitionKey key = GroupSelection.key(partition);
            Commit known = before.get(key);
            Commit now = new Commit(offset.offset(), offset.metadata(), changedAfter);
            commits.put(key, known != null && known.isSame(now) ? known : now);
        });
        return commits;
    }

    static SortedMap<String, SortedMap<PartitionKey, Commit>> copy(
            Map<String, SortedMap<PartitionKey, Commit>> positions) {
        SortedMap<String, SortedMap<PartitionKey, Commit>> copy = new TreeMap<>();
        positions.forEach((group, own) -> copy.put(group, new TreeMap<>(own)));
        return copy;
    }

    @Override
    public void close() {
        last.clear();
    }
}
