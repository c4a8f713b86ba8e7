package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds back positions of groups that consume, process and produce. Such a group commits a position when the output of
 * what it has read is written. On the standby the output could be missing although the position is there, and would
 * never be made again. So a group that declares its {@code outputs} keeps its previous position until those topics are
 * mirrored past the ends that they had on the source when the new position was seen. What the group committed in
 * between is looked at next, so that a group that commits all the time gets on too.
 *
 * <p>The ends are those with open transactions (high watermarks): a transactional group's output is in front of them,
 * even where its end marker is still to be written, and the mirror is past them only when all that is committed.
 *
 * <p>Pure; for one thread. All positions of a group pass together, those that are deleted too.
 */
final class OutputGate {

    private final SortedMap<String, SortedMap<PartitionKey, Commit>> released = new TreeMap<>();
    private final SortedMap<String, Waiting> waiting = new TreeMap<>();

    private record Waiting(SortedMap<PartitionKey, Commit> positions, OffsetVector ends) {}

    /**
     * Of the groups, all of which declare outputs, those that have positions that have not passed, and wait for none
     * yet: the ends of their outputs are to be read, after this, and given to {@link #await}.
     */
    SortedSet<String> undecided(SortedMap<String, SortedMap<PartitionKey, Commit>> newest) {
        released.keySet().retainAll(newest.keySet());
        waiting.keySet().retainAll(newest.keySet());
        SortedSet<String> undecided = new TreeSet<>();
        newest.forEach((group, positions) -> {
            if (!waiting.containsKey(group) && !same(positions, released.get(group))) {
                undecided.add(group);
            }
        });
        return undecided;
    }

    private static boolean same(SortedMap<PartitionKey, Commit> one, @Nullable SortedMap<PartitionKey, Commit> other) {
        return other != null && timeless(one).equals(timeless(other));
    }

    private static Map<PartitionKey, Commit> timeless(SortedMap<PartitionKey, Commit> positions) {
        Map<PartitionKey, Commit> timeless = new TreeMap<>();
        positions.forEach((partition, commit) -> timeless.put(partition, commit.seen()));
        return timeless;
    }

    /** @param ends of the group's outputs on the source */
    void await(String group, SortedMap<PartitionKey, Commit> positions, OffsetVector ends) {
        waiting.put(group, new Waiting(new TreeMap<>(positions), ends));
    }

    /** The partitions that something waits for. */
    SortedSet<PartitionKey> awaited() {
        SortedSet<PartitionKey> awaited = new TreeSet<>();
        waiting.values().forEach(w -> awaited.addAll(w.ends().ends().keySet()));
        return awaited;
    }

    /** @param through how far the outputs are mirrored, as source offsets */
    void mirrored(OffsetVector through) {
        waiting.entrySet().removeIf(entry -> {
            boolean passes = through.covers(entry.getValue().ends());
            if (passes) {
                SortedMap<PartitionKey, Commit> positions = new TreeMap<>();
                // They are as old as their outputs made them; that is not the flow's age.
                entry.getValue().positions().forEach((partition, commit) -> positions.put(partition, commit.seen()));
                released.put(entry.getKey(), positions);
            }
            return passes;
        });
    }

    /** The positions of a group that have passed; empty if none has yet. */
    Optional<SortedMap<PartitionKey, Commit>> passed(String group) {
        return Optional.ofNullable(released.get(group)).map(TreeMap::new);
    }
}
