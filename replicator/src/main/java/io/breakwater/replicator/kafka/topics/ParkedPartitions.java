package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.kafka.topics.TargetTopics.Room;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that are left out, and whether what each of them needs is there by now. The standby is asked after a
 * pause that grows from {@link #FIRST} to {@link #GREATEST} for each partition, and about no more than {@link #AT_ONCE}
 * of them at a time. For one thread; time is a parameter, in nanoseconds of a clock that only goes forward.
 */
final class ParkedPartitions {

    static final Duration FIRST = Duration.ofSeconds(1);
    static final Duration GREATEST = Duration.ofMinutes(1);
    static final int AT_ONCE = 20;

    private static final Logger LOG = LoggerFactory.getLogger(ParkedPartitions.class);

    private final MirrorGuard.Rooms standby;
    private final SortedMap<PartitionKey, Parked> parked = new TreeMap<>();
    /** How long was waited before the last resumption: a partition that comes back at once does not begin anew. */
    private Map<PartitionKey, Duration> waited = new HashMap<>();

    /** What has to be so that a partition can go on. */
    sealed interface Need {

        /** Its copy takes a record of this size. */
        record RoomFor(long bytes) implements Need {}

        /** Its copy has no record: it was deleted on the standby, and made anew. */
        record EmptyCopy() implements Need {}
    }

    /**
     * @param isTold whether the log has said what is wrong
     * @param due when to ask the standby
     */
    private record Parked(Need need, boolean isTold, Duration pause, long due) {

        Parked later(boolean told, long now) {
            Duration longer = shorter(pause.multipliedBy(2), GREATEST);
            return new Parked(need, told, longer, now + longer.toNanos());
        }
    }

    ParkedPartitions(MirrorGuard.Rooms standby) {
        this.standby = standby;
    }

    /** @param isTold whether the log has said what is wrong; else it is said if it stays so */
    void park(PartitionKey partition, Need need, boolean isTold, long now) {
        Duration before = waited.get(partition);
        Duration pause = before == null ? FIRST : shorter(before.multipliedBy(2), GREATEST);
        parked.put(partition, new Parked(need, isTold, pause, now + pause.toNanos()));
    }

    /** Asks the standby about those that are due; whether one of them can go on. */
    boolean isAnyMended(long now) throws InterruptedException {
        if (parked.isEmpty()) {
            return false;
        }
        List<PartitionKey> due = parked.entrySet().stream()
                .filter(entry -> now - entry.getValue().due() >= 0)
                .sorted(Comparator.comparingLong(entry -> entry.getValue().due() - now))
                .limit(AT_ONCE)
                .map(Map.Entry::getKey)
                .toList();
        for (PartitionKey partition : due) {
            Parked state = Objects.requireNonNull(parked.get(partition));
            if (state.need() instanceof Need.RoomFor room) {
                Room found = standby.room(partition, room.bytes());
                if (found instanceof Room.Enough) {
                    return true;
                }
                boolean tells = !state.isTold() && found instanceof Room.Refused;
                if (tells && found instanceof Room.Refused refused) {
                    LOG.error("{}", SourceOrder.refusal(partition, refused.why()));
                }
                parked.put(partition, state.later(state.isTold() || tells, now));
            } else if (standby.isEmpty(partition)) {
                return true;
            } else {
                parked.put(partition, state.later(state.isTold(), now));
            }
        }
        return false;
    }

    /** All of them are tried again by the mirror itself, from where each of them stood. */
    void resumed() {
        waited = new HashMap<>();
        parked.forEach((partition, state) -> waited.put(partition, state.pause()));
        parked.clear();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
