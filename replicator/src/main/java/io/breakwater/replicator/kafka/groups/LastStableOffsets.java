package io.breakwater.replicator.kafka.groups;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Tells a partition whose last stable offset stands still behind a transaction that nobody ends, so that nothing
 * committed after it can be read. Pure; for one thread.
 */
final class LastStableOffsets {

    private final Duration limit;
    private final Map<Integer, Still> still = new HashMap<>();

    private record Still(long stable, Instant since) {}

    /** @param limit how long one may stand still while there is something behind it */
    LastStableOffsets(Duration limit) {
        this.limit = limit;
    }

    /**
     * @param stable the last stable offsets by partition
     * @param ends the ends by partition, read after them
     * @return the partitions that stand still for the limit at least
     */
    SortedSet<Integer> stalled(Map<Integer, Long> stable, Map<Integer, Long> ends, Instant now) {
        SortedSet<Integer> stalled = new TreeSet<>();
        stable.forEach((partition, offset) -> {
            Still before = still.get(partition);
            if (ends.getOrDefault(partition, offset) <= offset) {
                still.remove(partition);
            } else if (before == null || before.stable() != offset) {
                still.put(partition, new Still(offset, now));
            } else if (!now.isBefore(before.since().plus(limit))) {
                stalled.add(partition);
            }
        });
        return stalled;
    }
}
