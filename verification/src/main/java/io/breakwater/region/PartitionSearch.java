package io.breakwater.region;

import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.VisibleRecords.Range;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;

/**
 * The search for any number of positions in one mirrored partition; whoever drives it reads the probes. All positions
 * share what a probe tells.
 *
 * <p>The rule. Records with a stamp of the source are in the order of their offsets there. A record without one, or with
 * another cluster's, is of other origin: after the last stamped one it was written when the flow had ended, and is past
 * every position; before that, it is before every position. So the last stamped record is found first, by reading back
 * from the end in growing stretches. If there is none in the last {@link #TAIL_LIMIT} offsets, the partition's first
 * record decides: if it is stamped, all of other origin comes after the stamped ones.
 *
 * <p>Records from before the stamp was switched on lie in front of the first stamped one and have no stamp. A position
 * before that one may be on any of them: it is answered with the first record of the range, as not exact, and with the
 * first stamped one as its ceiling. So is every position in a range that has records, but none with any stamp.
 */
final class PartitionSearch implements VisibleRecords.Probing {

    /** A stretch of this many offsets is read through instead of being halved further. */
    static final int STRETCH = 512;

    static final int TAIL_LIMIT = 4_096;

    private static final int TAIL = 64;
    private static final int GROWTH = 8;

    private enum Phase {
        TAIL,
        HEAD,
        HALVING,
        PREFIX,
        DONE
    }

    /**
     * A part of the partition and the positions that are in it. Invariant: every visible record below {@code low} is
     * before them, every one from {@code high} on is not.
     *
     * @param beyond what answers them if nothing below {@code high} does
     * @param unstampedBelow whether the record in front of {@code low} has no stamp
     */
    private record Part(
            long low, long high, NavigableSet<Long> positions, Found beyond, boolean unstampedBelow, long probed) {

        boolean isRead() {
            return high - low <= STRETCH;
        }
    }

    /** @param stamp of the record there, as {@link #key} orders it; MAX_VALUE at the end */
    private record Found(long offset, long stamp, boolean pastTail) {}

    private final Uuid clusterId;
    private final Optional<Uuid> topicId;
    private final long begin;
    private final long end;
    private final NavigableSet<Long> positions;
    private final SortedMap<Long, Translation> translations = new TreeMap<>();
    private final SortedMap<Long, Found> suspects = new TreeMap<>();
    private final Deque<Part> parts = new ArrayDeque<>();
    private Phase phase = Phase.TAIL;
    private Range tail;
    private long tailLength = TAIL;
    private Optional<Found> lastStamped = Optional.empty();
    private Optional<Found> afterStamped = Optional.empty();
    private Optional<Found> behindTail = Optional.empty();
    private boolean strangersAfter;
    private boolean unstampedBefore;
    private boolean unstampedOnly;

    /**
     * @param topicId of the source's topic, if stamps of another one (an earlier topic of the name) are before the
     *     positions
     * @param begin the first offset to look at
     * @param end exclusive, at most the last stable offset
     */
    PartitionSearch(Uuid clusterId, Optional<Uuid> topicId, Collection<Long> positions, long begin, long end) {
        this.clusterId = clusterId;
        this.topicId = topicId;
        this.positions = new TreeSet<>(positions);
        this.begin = begin;
        this.end = end;
        this.tail = new Range(Math.max(begin, end - TAIL), end);
    }

    @Override
    public Range probe() {
        Part part = parts.peek();
        return switch (phase) {
            case TAIL -> tail;
            case HEAD -> new Range(begin, tail.from());
            case HALVING, DONE ->
                part == null ? new Range(end, end) : new Range(part.isRead() ? part.low() : part.probed(), part.high());
            case PREFIX -> new Range(begin, firstSuspect());
        };
    }

    @Override
    public boolean wants(ConsumerRecord<byte[], byte[]> record) {
        // Read in any case, so that a stamp that cannot be read fails where its place is known.
        Optional<ProvenanceStamp> stamp = ProvenanceStamp.of(record.headers());
        Part part = parts.peek();
        if (phase == Phase.TAIL) {
            readTail(record.offset(), stamp);
            return false;
        }
        if (phase == Phase.HALVING && part != null && part.isRead()) {
            Found here = new Found(record.offset(), key(stamp), false);
            answer(part.positions(), here);
            unstampedBefore = stamp.isEmpty();
            return part.positions().isEmpty();
        }
        return true;
    }

    private void readTail(long offset, Optional<ProvenanceStamp> stamp) {
        if (isSources(stamp)) {
            lastStamped = Optional.of(new Found(offset, key(stamp), false));
            afterStamped = behindTail;
        } else if (afterStamped.isEmpty() || offset < afterStamped.get().offset()) {
            afterStamped = Optional.of(new Found(offset, Long.MAX_VALUE, false));
            unstampedOnly = stamp.isEmpty();
        }
    }

    private boolean isSources(Optional<ProvenanceStamp> stamp) {
        return stamp.map(s -> s.clusterId().equals(clusterId)).orElse(false);
    }

    /** Where a record is among the positions: at or past those up to this. */
    private long key(Optional<ProvenanceStamp> stamp) {
        if (!isSources(stamp)) {
            return strangersAfter ? Long.MAX_VALUE : -1;
        }
        boolean otherTopic = topicId.isPresent() && !topicId.equals(stamp.map(ProvenanceStamp::topicId));
        return otherTopic ? -1 : stamp.map(ProvenanceStamp::offset).orElse(-1L);
    }

    /** Answers those of the positions that a record is at or past. */
    private void answer(NavigableSet<Long> open, Found found) {
        while (!open.isEmpty() && open.first() <= found.stamp()) {
            long position = open.first();
            open.remove(position);
            translations.put(position, new Translation(found.offset(), found.pastTail()));
            if (unstampedBefore && !found.pastTail() && found.stamp() > position && !strangersAfter) {
                suspects.put(position, found);
            }
        }
    }

    @Override
    public boolean isDoneAfter(Optional<ConsumerRecord<byte[], byte[]>> met) {
        switch (phase) {
            case TAIL -> afterTail();
            case HEAD -> afterHead(met);
            case HALVING -> afterPart(met);
            case PREFIX -> afterPrefix(met);
            case DONE -> throw new IllegalStateException("searched on after the end");
        }
        if (phase == Phase.HALVING && parts.isEmpty()) {
            phase = suspects.isEmpty() || firstSuspect() <= begin ? Phase.DONE : Phase.PREFIX;
        }
        return phase == Phase.DONE;
    }

    private void afterTail() {
        Found afterAll = afterStamped.orElse(new Found(end, Long.MAX_VALUE, true));
        if (lastStamped.isPresent()) {
            Found last = lastStamped.get();
            NavigableSet<Long> within = new TreeSet<>(positions.headSet(last.stamp(), true));
            answer(new TreeSet<>(positions.tailSet(last.stamp(), false)), afterAll);
            begin(within, last.offset(), last);
        } else if (tail.from() <= begin) {
            if (unstampedOnly) {
                answerUnknown(afterAll.offset(), end);
            } else {
                answer(positions, afterAll);
            }
            phase = Phase.DONE;
        } else if (end - tail.from() >= TAIL_LIMIT) {
            phase = Phase.HEAD;
        } else {
            behindTail = afterStamped;
            tailLength *= GROWTH;
            tail = new Range(Math.max(begin, end - tailLength), tail.from());
        }
    }

    private void afterHead(Optional<ConsumerRecord<byte[], byte[]>> met) {
        Optional<ProvenanceStamp> stamp = met.flatMap(record -> ProvenanceStamp.of(record.headers()));
        Found afterAll = afterStamped.orElse(new Found(end, Long.MAX_VALUE, true));
        if (met.isEmpty() || isSources(stamp)) {
            strangersAfter = true;
            begin(new TreeSet<>(positions), tail.from(), afterAll);
        } else {
            // Stamped records may be in between, or none: nobody knows without reading it all.
            answerUnknown(met.get().offset(), afterAll.offset());
            phase = Phase.DONE;
        }
    }

    private void answerUnknown(long first, long ceiling) {
        positions.forEach(position -> {
            translations.put(position, new Translation(first, false, false));
            suspects.put(position, new Found(ceiling, Long.MAX_VALUE, false));
        });
    }

    private void begin(NavigableSet<Long> within, long high, Found beyond) {
        phase = Phase.HALVING;
        // Most positions are near the tail.
        push(new Part(begin, high, within, beyond, false, Math.max(begin, high - STRETCH)));
    }

    private void afterPart(Optional<ConsumerRecord<byte[], byte[]>> met) {
        Part part = parts.pop();
        if (part.isRead()) {
            answer(part.positions(), part.beyond());
        } else if (met.isEmpty()) {
            push(halved(part.low(), part.probed(), part.positions(), part.beyond(), part.unstampedBelow()));
        } else {
            Optional<ProvenanceStamp> stamp = ProvenanceStamp.of(met.get().headers());
            Found here = new Found(met.get().offset(), key(stamp), false);
            push(halved(
                    here.offset() + 1,
                    part.high(),
                    new TreeSet<>(part.positions().tailSet(here.stamp(), false)),
                    part.beyond(),
                    stamp.isEmpty()));
            push(halved(
                    part.low(),
                    part.probed(),
                    new TreeSet<>(part.positions().headSet(here.stamp(), true)),
                    here,
                    part.unstampedBelow()));
        }
        Part next = parts.peek();
        unstampedBefore = next != null && next.unstampedBelow();
    }

    private static Part halved(
            long low, long high, NavigableSet<Long> positions, Found beyond, boolean unstampedBelow) {
        return new Part(low, high, positions, beyond, unstampedBelow, (low + high) >>> 1);
    }

    /** A part without anything to read is answered at once. */
    private void push(Part part) {
        if (part.low() >= part.high()) {
            unstampedBefore = part.unstampedBelow();
            answer(part.positions(), part.beyond());
        } else if (!part.positions().isEmpty()) {
            parts.push(part);
            unstampedBefore = part.unstampedBelow();
        }
    }

    private long firstSuspect() {
        return suspects.values().stream().mapToLong(Found::offset).min().orElse(begin);
    }

    /** Only if the range begins without stamps can the records before the first stamped one be the source's. */
    private void afterPrefix(Optional<ConsumerRecord<byte[], byte[]>> met) {
        boolean legacy = met.map(record -> ProvenanceStamp.of(record.headers()).isEmpty())
                .orElse(false);
        if (legacy) {
            long first = met.get().offset();
            suspects.keySet().forEach(position -> translations.put(position, new Translation(first, false, false)));
        }
        phase = Phase.DONE;
    }

    SortedMap<Long, Translation> translations() {
        return translations;
    }

    /** The offset that a position is not past which is not exact: the first stamped record's. */
    long ceiling(long position) {
        return Optional.ofNullable(suspects.get(position)).map(Found::offset).orElse(end);
    }
}
