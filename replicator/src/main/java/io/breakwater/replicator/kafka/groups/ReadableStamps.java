package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.UnreadableStampException;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * The search of a standby's partitions without those where a stamp cannot be read: nothing is guessed there, and the
 * others are answered all the same. A partition that was left out is tried again each {@link #AGAIN}. For one thread.
 */
final class ReadableStamps {

    static final Duration AGAIN = Duration.ofSeconds(30);

    private final MirroredPartitions mirrored;
    private final SortedMap<PartitionKey, Unreadable> unreadable = new TreeMap<>();

    private record Unreadable(String why, Instant tryAt) {}

    ReadableStamps(MirroredPartitions mirrored) {
        this.mirrored = mirrored;
    }

    /** As {@link MirroredPartitions#search}; what cannot be read is missing. */
    SortedMap<PartitionKey, SortedMap<Long, Translation>> search(
            SortedMap<PartitionKey, SortedSet<Long>> positions, Instant now) throws InterruptedException {
        SortedMap<PartitionKey, SortedSet<Long>> open = new TreeMap<>(positions);
        unreadable.forEach((partition, why) -> {
            if (now.isBefore(why.tryAt())) {
                open.remove(partition);
            }
        });
        while (!open.isEmpty()) {
            try {
                SortedMap<PartitionKey, SortedMap<Long, Translation>> found = mirrored.search(open);
                unreadable.keySet().removeAll(open.keySet());
                return found;
            } catch (UnreadableStampException e) {
                PartitionKey at = e.partition().orElseThrow(() -> e);
                if (open.remove(at) == null) {
                    throw e;
                }
                unreadable.put(at, new Unreadable(String.valueOf(e.getMessage()), now.plus(AGAIN)));
            }
        }
        return new TreeMap<>();
    }

    /** By partition: what cannot be read there, and what that means for positions. */
    SortedMap<String, String> notices() {
        SortedMap<String, String> notices = new TreeMap<>();
        unreadable.forEach((partition, found) -> notices.put(
                partition.toString(),
                "positions on this partition stay as they are on the standby, those on others go on: " + found.why()));
        return notices;
    }
}
