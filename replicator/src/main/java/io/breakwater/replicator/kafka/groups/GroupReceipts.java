package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.ReplicaPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which groups' positions are to be announced now: what has changed at most each {@link #CHANGED}, what has not often
 * enough to tell that it is looked at, and of many groups less often, so that at most {@link #A_SECOND} a second are
 * only repeated. A group that has lost all its positions is announced once more, without any. Pure; for one thread.
 */
public final class GroupReceipts {

    static final Duration CHANGED = Duration.ofMillis(500);
    static final int A_SECOND = 100;

    private static final Duration UNCHANGED = Duration.ofSeconds(1);
    private static final Duration UNCHANGED_AT_MOST = Duration.ofSeconds(15);

    private final SortedMap<String, Announced> announced = new TreeMap<>();

    private record Announced(OffsetVector committed, Optional<String> notice, Instant at) {}

    /** The state of a group as it would be announced. */
    public record Current(OffsetVector committed, Optional<String> notice) {}

    /** @param groups all groups with positions or notices; what was announced and is missing here has none any more */
    public SortedMap<String, ReplicaPosition> due(Map<String, Current> groups, Instant now) {
        Duration repeat = Duration.ofMillis(Math.min(
                UNCHANGED_AT_MOST.toMillis(), Math.max(UNCHANGED.toMillis(), 1_000L * groups.size() / A_SECOND)));
        SortedMap<String, ReplicaPosition> due = new TreeMap<>();
        groups.forEach((group, current) -> {
            Announced last = announced.get(group);
            boolean same = last != null
                    && last.committed().equals(current.committed())
                    && last.notice().equals(current.notice());
            if (last == null || !now.isBefore(last.at().plus(same ? repeat : CHANGED))) {
                announced.put(group, new Announced(current.committed(), current.notice(), now));
                due.put(group, ReplicaPosition.ofGroup(now, current.committed(), current.notice()));
            }
        });
        Set<String> lost = new TreeSet<>(announced.keySet());
        lost.removeAll(groups.keySet());
        lost.forEach(group -> due.put(group, ReplicaPosition.ofGroup(now, OffsetVector.EMPTY)));
        announced.keySet().removeAll(lost);
        return due;
    }

    /** Counts a group as announced before this process began. */
    public void adopt(String group, OffsetVector committed) {
        announced.putIfAbsent(group, new Announced(committed, Optional.empty(), Instant.EPOCH));
    }
}
