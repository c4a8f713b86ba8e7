package io.breakwater.replicator.kafka.topics;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of source partitions over time, seen in one look after another: ranges that were gone before they were
 * mirrored, records that the source lost, topics that were made anew, partitions that stand still. Pure: time and looks
 * are parameters. For one thread.
 *
 * <p>A range is lost if the source's first offset has passed the first record that was missing on the standby, and the
 * standby did not get that record in between. A lost range stays an alarm, across restarts by {@link #memory}, until
 * the connector's offsets are deleted or the topic is gone.
 */
final class SourceHistory {

    /** Of a partition where a record waits. */
    static final Duration STANDSTILL = Duration.ofSeconds(30);

    /** A broker that has just started may say an end that is too low. */
    static final Duration DOUBT = Duration.ofSeconds(5);

    /** The newest lost ranges that are kept. */
    static final int RANGES = 50;

    private final String source;
    private final String target;
    private final long epoch;
    private SortedMap<PartitionKey, Past> past = new TreeMap<>();
    private final List<LostRange> lost = new ArrayList<>();

    /**
     * One look at a partition. All offsets but {@code targetEnd} are the source's.
     *
     * @param sourceBegin the first offset that the source has
     * @param sourceEnd its last stable offset
     * @param mirroredEnd the end of what the standby has
     * @param targetEnd the standby's own last stable offset
     * @param through below it every visible record is on the standby
     * @param isWaiting whether the record at {@code through} exists
     * @param topicId of the source's topic now
     * @param mirroredId of the topic that the standby's last record came from
     * @param copyId of the standby's topic now
     */
    record Look(
            long sourceBegin,
            long sourceEnd,
            long mirroredEnd,
            long targetEnd,
            long through,
            boolean isWaiting,
            Optional<Uuid> topicId,
            Optional<Uuid> mirroredId,
            Optional<Uuid> copyId) {

        boolean isMadeAnew() {
            return topicId.isPresent() && mirroredId.isPresent() && !topicId.equals(mirroredId);
        }
    }

    /**
     * Source offsets from (inclusive) to (exclusive).
     *
     * @param isKept whether the target has them, and the source lost them; else the other way round
     * @param copyId of the target's topic when that was seen, as text
     */
    record LostRange(PartitionKey partition, long from, long to, boolean isKept, Optional<String> copyId) {

        /** A copy that was begun anew has nothing to do with what the old one kept; it may be longer already. */
        boolean isOver(@Nullable Look look) {
            return look == null || (isKept && (look.mirroredEnd() < from || isMadeAnew(look)));
        }

        private boolean isMadeAnew(Look look) {
            Optional<String> now = look.copyId().map(Uuid::toString);
            return copyId.isPresent() && now.isPresent() && !copyId.equals(now);
        }
    }

    /** The last look, and since when something has been as it is. */
    private record Past(
            long through, long targetEnd, long mirroredEnd, Instant standingSince, Optional<Instant> shortSince) {}

    private record Memory(long epoch, SortedMap<PartitionKey, Past> past, List<LostRange> lost) {}

    /**
     * @param source its name, and the target's, for messages
     * @param epoch of the flow's segment: what was seen in another one does not count, because the source was a target
     *     in between
     */
    SourceHistory(String source, String target, long epoch) {
        this.source = source;
        this.target = target;
        this.epoch = epoch;
    }

    /** Goes on where another one of the same epoch was. */
    void recall(String memory) {
        try {
            Memory recalled = Json.MAPPER.readValue(memory, Memory.class);
            if (recalled.epoch() == epoch) {
                past = new TreeMap<>(recalled.past());
                lost.clear();
                lost.addAll(recalled.lost());
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "what the last task knew of its partitions cannot be read: " + memory, e);
        }
    }

    String memory() {
        try {
            return Json.MAPPER.writeValueAsString(new Memory(epoch, past, lost));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the history cannot be written as JSON", e);
        }
    }

    /**
     * Partitions whose first offset has passed what was missing at the last look.
     *
     * @return for each the target's end at that look: the first record from there on tells what the mirror got
     */
    SortedMap<PartitionKey, Long> suspects(Map<PartitionKey, Look> looks) {
        SortedMap<PartitionKey, Long> suspects = new TreeMap<>();
        looks.forEach((partition, look) -> {
            Past last = past.get(partition);
            if (last != null && !look.isMadeAnew() && look.sourceBegin() > last.through()) {
                suspects.put(partition, last.targetEnd());
            }
        });
        return suspects;
    }

    /**
     * Takes a look in.
     *
     * @param next of {@link #suspects}, the source offset of the first record that the target got since the last look;
     *     without an entry, it got none
     */
    List<Alarm> observe(Map<PartitionKey, Look> looks, Map<PartitionKey, Long> next, Instant now) {
        suspects(looks)
                .keySet()
                .forEach(partition -> gap(
                                Objects.requireNonNull(past.get(partition)).through(),
                                Objects.requireNonNull(looks.get(partition)),
                                Optional.ofNullable(next.get(partition)))
                        .ifPresent(gap ->
                                lost.add(new LostRange(partition, gap.from(), gap.to(), false, Optional.empty()))));
        lost.removeIf(range -> range.isOver(looks.get(range.partition())));
        SortedMap<PartitionKey, Past> seen = new TreeMap<>();
        List<Alarm> alarms = new ArrayList<>();
        looks.forEach((partition, look) -> {
            Past state = follow(past.get(partition), look, now);
            seen.put(partition, state);
            if (state.shortSince()
                    .filter(since -> !since.plus(DOUBT).isAfter(now))
                    .isPresent()) {
                keepOnce(new LostRange(
                        partition,
                        look.sourceEnd(),
                        look.mirroredEnd(),
                        true,
                        look.copyId().map(Uuid::toString)));
            }
            condition(partition, look, state, now).ifPresent(alarms::add);
        });
        past = seen;
        while (lost.size() > RANGES) {
            lost.remove(0);
        }
        lost.forEach(range -> alarms.add(alarm(range)));
        return Collections.unmodifiableList(alarms);
    }

    private void keepOnce(LostRange range) {
        boolean known = lost.stream()
                .anyMatch(old -> old.isKept() && old.partition().equals(range.partition()) && old.to() == range.to());
        if (!known) {
            lost.add(range);
        }
    }

    private record Gap(long from, long to) {}

    /** What of the offsets from {@code through} to the source's first one the target does not have. */
    private static Optional<Gap> gap(long through, Look look, Optional<Long> next) {
        long first = next.orElse(look.sourceBegin());
        Gap gap = first > through
                ? new Gap(through, Math.min(first, look.sourceBegin()))
                : new Gap(look.mirroredEnd(), look.sourceBegin());
        return gap.to() > gap.from() ? Optional.of(gap) : Optional.empty();
    }

    private static Past follow(@Nullable Past last, Look look, Instant now) {
        Instant standingSince = last == null || !look.isWaiting() || last.mirroredEnd() != look.mirroredEnd()
                ? now
                : last.standingSince();
        Optional<Instant> shortSince = look.sourceEnd() < look.mirroredEnd()
                ? Optional.of(last == null ? now : last.shortSince().orElse(now))
                : Optional.empty();
        return new Past(look.through(), look.targetEnd(), look.mirroredEnd(), standingSince, shortSince);
    }

    private Optional<Alarm> condition(PartitionKey partition, Look look, Past state, Instant now) {
        if (look.isMadeAnew()) {
            return Optional.of(new Alarm(
                    "made-anew",
                    partition.topic(),
                    "topic " + partition.topic() + " was deleted and made anew on " + source + " (id "
                            + look.topicId().map(Uuid::toString).orElse("") + "); " + target
                            + " has the old one (id "
                            + look.mirroredId().map(Uuid::toString).orElse("")
                            + "), which is not mixed with it: to mirror the new one, delete the topic on " + target
                            + "; the mirror makes it anew and goes on by itself",
                    true));
        }
        if (!state.standingSince().plus(STANDSTILL).isAfter(now)) {
            return Optional.of(new Alarm(
                    "no-progress",
                    partition.toString(),
                    "partition " + partition + " has stood still since " + state.standingSince() + ": offset "
                            + look.through() + " of " + source + " waits (the end is " + look.sourceEnd()
                            + "); the mirror's log on " + target + "'s worker says why: look for '" + partition
                            + " is no longer mirrored' and 'Failure during poll'",
                    true));
        }
        return Optional.empty();
    }

    private Alarm alarm(LostRange range) {
        String offsets = "offsets " + range.from() + " to " + (range.to() - 1) + " of partition " + range.partition();
        return range.isKept()
                ? new Alarm(
                        "truncated",
                        range.partition().toString(),
                        "partition " + range.partition() + " ended at " + range.from() + " on " + source
                                + " when " + target + " had it up to " + range.to() + ": " + offsets
                                + " were lost there (an unclean leader election), and what comes under them again is"
                                + " refused; compare both, then, to mirror what is there now from its beginning, stop"
                                + " the mirror's connector, delete the topic on " + target + ", and resume it",
                        true)
                : new Alarm(
                        "lost-range",
                        range.partition() + "@" + range.from(),
                        offsets + " on " + source + " were deleted there (retention, or a request) before they were"
                                + " mirrored: " + target + " does not have them, and goes on with " + range.to()
                                + "; give the topic a longer retention than the mirror's longest stop; to dismiss"
                                + " this, stop the reporting connector, delete its offsets, and resume it",
                        false);
    }
}
