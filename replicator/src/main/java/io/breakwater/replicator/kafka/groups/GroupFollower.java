package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.StandbyPositions;
import io.breakwater.region.StandbyPositions.Done;
import io.breakwater.region.StandbyPositions.Outcome;
import io.breakwater.region.StandbyPositions.Position;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Keeps the positions of groups of one kind on the standby, turn by turn: reads what is committed, translates what is
 * not settled, of all groups in one search, writes what came out different, deletes what was deleted. For one thread.
 *
 * <p>A turn that fails half way leaves nothing wrong behind: what it did not get to is still due in the next.
 */
public final class GroupFollower {

    private static final Duration ASK_ACTIVE = Duration.ofSeconds(1);
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);
    /** A mirror creates a new topic's partitions within its refresh interval. */
    private static final Duration MISSING_FOR = Duration.ofSeconds(30);

    private static final int GROUPS_AT_ONCE = 200;

    private final CommittedPositions source;
    private final MirroredPartitions mirrored;
    private final ReadableStamps stamps;
    private final StandbyPositions standby;
    private final GroupSelection selection;
    private final Notices notices;
    private final Freshness freshness;
    private final Clock clock;
    private final String standbyRegion;
    private final GroupPositions positions = new GroupPositions();
    private final Map<PartitionKey, Instant> missingSince = new HashMap<>();
    private final SortedMap<String, String> refused = new TreeMap<>();
    private final Map<String, Instant> refusedAt = new HashMap<>();
    private final SortedMap<String, SortedSet<PartitionKey>> textless = new TreeMap<>();
    private Set<String> active = new TreeSet<>();
    private Instant askedActiveAt = Instant.EPOCH;

    /** The ports of a follower; they stay the caller's to close. */
    public record Ports(CommittedPositions source, MirroredPartitions mirrored, StandbyPositions standby) {}

    /** @param standbyRegion its name, for messages */
    public GroupFollower(
            Ports ports,
            GroupSelection selection,
            Notices notices,
            Freshness freshness,
            Clock clock,
            String standbyRegion) {
        this.source = ports.source();
        this.mirrored = ports.mirrored();
        this.stamps = new ReadableStamps(mirrored);
        this.standby = ports.standby();
        this.selection = selection;
        this.notices = notices;
        this.freshness = freshness;
        this.clock = clock;
        this.standbyRegion = standbyRegion;
    }

    /**
     * One turn.
     *
     * @throws org.apache.kafka.common.KafkaException if a cluster does not answer; the next turn goes on
     */
    public void turn() throws InterruptedException {
        Instant now = clock.instant();
        positions.follow(source.read(now));
        if (!now.isBefore(askedActiveAt.plus(ASK_ACTIVE))) {
            Set<String> groups = positions.groups();
            groups.addAll(positions.gone().keySet());
            active = new TreeSet<>(standby.active(groups));
            askedActiveAt = now;
        }
        positions.active(active);
        translate(now);
        reportInexact();
        write(now);
        delete(now);
        refused.keySet().retainAll(refusedAt.keySet());
        notices.report(Notices.Area.STANDBY, refused);
        reportTextless();
    }

    private void translate(Instant now) throws InterruptedException {
        SortedSet<PartitionKey> open = positions.open();
        Map<PartitionKey, Long> ends = mirrored.ends(open, now);
        reportMissing(open, ends.keySet(), now);
        SortedMap<PartitionKey, SortedSet<Long>> unsettled = positions.unsettled(ends);
        if (!unsettled.isEmpty()) {
            SortedMap<PartitionKey, SortedMap<Long, Translation>> found = stamps.search(unsettled, now);
            positions.settle(found, ends);
        }
        notices.report(Notices.Area.STAMPS, stamps.notices());
    }

    private void reportInexact() {
        Map<String, String> inexact = new TreeMap<>();
        for (String group : positions.groups()) {
            SortedSet<PartitionKey> partitions = positions.inexact(group);
            if (!partitions.isEmpty()) {
                inexact.put(
                        group,
                        "exact=false on " + partitions + ": the records there are from before the stamp was switched"
                                + " on, and the position is the nearest one that MirrorMaker's offset syncs tell; the"
                                + " group would read some records again, and skip none");
            }
        }
        notices.report(Notices.Area.EXACTNESS, inexact);
    }

    private void reportTextless() {
        textless.keySet().retainAll(positions.groups());
        Map<String, String> notes = new TreeMap<>();
        textless.forEach((group, partitions) -> {
            partitions.retainAll(positions.committed(group).ends().keySet());
            if (!partitions.isEmpty()) {
                notes.put(
                        group,
                        "its positions on " + partitions + " are kept without the texts that the application committed"
                                + " with them, because the cluster of region " + standbyRegion
                                + " takes no text of that"
                                + " length: set offset.metadata.max.bytes of its brokers as on the source");
            }
        });
        notices.report(Notices.Area.TEXTS, notes);
    }

    private void reportMissing(Set<PartitionKey> open, Set<PartitionKey> present, Instant now) {
        missingSince.keySet().removeIf(partition -> !open.contains(partition) || present.contains(partition));
        Map<String, String> missing = new TreeMap<>();
        for (PartitionKey partition : open) {
            if (!present.contains(partition)) {
                Instant since = missingSince.computeIfAbsent(partition, p -> now);
                if (!now.isBefore(since.plus(MISSING_FOR))) {
                    missing.put(
                            partition.toString(),
                            "the cluster of region " + standbyRegion + " does not have this partition, so no group can"
                                    + " have a position there: the topic is missing or has fewer partitions than on"
                                    + " the source. See the status of the group's kafka-topic connector, or add the"
                                    + " partition by hand");
                }
            }
        }
        notices.report(Notices.Area.PARTITION, missing);
    }

    private void write(Instant now) throws InterruptedException {
        refusedAt.values().removeIf(at -> !now.isBefore(at.plus(AFTER_REFUSAL)));
        SortedMap<String, SortedMap<PartitionKey, GroupPositions.Due>> due = positions.due(now);
        due.keySet().removeAll(refusedAt.keySet());
        Map<String, Map<PartitionKey, Position>> some = new LinkedHashMap<>();
        for (Map.Entry<String, SortedMap<PartitionKey, GroupPositions.Due>> group : due.entrySet()) {
            Map<PartitionKey, Position> own = new TreeMap<>();
            group.getValue()
                    .forEach((partition, position) ->
                            own.put(partition, new Position(position.offset(), Optional.of(position.metadata()))));
            some.put(group.getKey(), own);
            if (some.size() == GROUPS_AT_ONCE) {
                write(some, due);
                some.clear();
            }
        }
        if (!some.isEmpty()) {
            write(some, due);
        }
    }

    private void write(
            Map<String, Map<PartitionKey, Position>> some,
            SortedMap<String, SortedMap<PartitionKey, GroupPositions.Due>> due)
            throws InterruptedException {
        Map<String, Outcome> outcomes = standby.write(some);
        Instant written = clock.instant();
        outcomes.forEach((group, outcome) -> {
            SortedMap<PartitionKey, GroupPositions.Due> own = new TreeMap<>(due.getOrDefault(group, new TreeMap<>()));
            if (outcome instanceof Done done) {
                refuse(group, done, written);
                own.keySet().removeAll(done.refused().keySet());
                SortedSet<PartitionKey> without = textless.computeIfAbsent(group, g -> new TreeSet<>());
                without.removeAll(own.keySet());
                without.addAll(done.textless());
                positions.written(group, own, written);
                own.values().forEach(position -> position.fresh().ifPresent(at -> freshness.add(at, written)));
            } else {
                active.add(group);
            }
        });
    }

    private void delete(Instant now) throws InterruptedException {
        SortedMap<String, Set<PartitionKey>> gone = new TreeMap<>();
        positions.gone().forEach((group, partitions) -> {
            if (!selection.followsDeletions(group)) {
                positions.deleted(group);
            } else if (!refusedAt.containsKey(group) && gone.size() < GROUPS_AT_ONCE) {
                gone.put(group, partitions);
            }
        });
        standby.delete(gone).forEach((group, outcome) -> {
            if (!(outcome instanceof Done done)) {
                active.add(group);
            } else {
                refuse(group, done, now);
                if (done.refused().isEmpty()) {
                    positions.deleted(group);
                }
            }
        });
    }

    private void refuse(String group, Done done, Instant now) {
        if (!done.refused().isEmpty()) {
            refusedAt.put(group, now);
            refused.put(
                    group,
                    "refused by the cluster of region " + standbyRegion + ": "
                            + String.join("; ", done.refused().values()));
        }
    }

    /** @param retention how long the standby keeps a position that is not written again */
    public void keptFor(Duration retention) {
        positions.keptFor(retention);
    }

    /** Counts positions that a flow wrote before this process began: they are deleted if they are gone meanwhile. */
    public void adopt(String group, OffsetVector committed) {
        positions.adopt(group, committed);
    }

    /** The groups that have positions on the source. */
    public Set<String> groups() {
        return positions.groups();
    }

    /** The source positions of a group as they count now. */
    public OffsetVector committed(String group) {
        return positions.committed(group);
    }

    /** What an operator should know about the group's positions. */
    public Optional<String> notice(String group) {
        String all = Stream.concat(
                        notices.of(group).stream(),
                        positions.committed(group).ends().keySet().stream()
                                .flatMap(partition -> notices.of(partition.toString()).stream()
                                        .map(text -> partition + ": " + text)))
                .collect(Collectors.joining("; "));
        return all.isEmpty() ? Optional.empty() : Optional.of(all);
    }
}
