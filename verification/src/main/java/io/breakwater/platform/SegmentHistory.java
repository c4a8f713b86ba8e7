package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.breakwater.platform.Segment.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The segments of a group's two flows, oldest first: what it takes to say where a record of one region is in the other,
 * however often the group went to and fro. Immutable. Empty until the first move: then the group's first flow began at
 * 0 on both sides and still runs.
 *
 * <p>Invariants: epochs grow; at most the last segment is open; in each partition, the ranges on one cluster follow
 * each other without overlap. What lies between two of them was written by that cluster's own clients and never
 * carried: an orphan tail.
 *
 * <p>Kept small: a closed range without a record of the target is dropped unless it is the first, a range that goes on exactly where an older
 * one of the same flow ended is joined with it, and beyond {@link #KEPT} segments the oldest is forgotten: positions in
 * it can no longer be translated, which a translation says.
 */
public record SegmentHistory(@JsonValue List<Segment> segments) {

    /** How many segments are kept at most. */
    public static final int KEPT = 32;

    public static final SegmentHistory NONE = new SegmentHistory(List.of());

    @JsonCreator
    public SegmentHistory {
        segments = List.copyOf(segments);
        for (int i = 1; i < segments.size(); i++) {
            Segment older = segments.get(i - 1);
            if (older.open() || older.epoch().compareTo(segments.get(i).epoch()) >= 0) {
                throw new IllegalArgumentException("the segment of epoch " + older.epoch() + " is "
                        + (older.open() ? "open" : "closed") + " and is followed by one of epoch "
                        + segments.get(i).epoch() + ": each but the last is closed, and epochs grow");
            }
        }
    }

    public Optional<Segment> last() {
        return segments.isEmpty() ? Optional.empty() : Optional.of(segments.get(segments.size() - 1));
    }

    /** In which the newest flow began; the first one before any move. */
    public Epoch epoch() {
        return last().map(Segment::epoch).orElse(Epoch.FIRST);
    }

    /** Whether any of the segments is about a topic. */
    public boolean knows(String topic) {
        return segments.stream()
                .anyMatch(segment -> segment.partitions().keySet().stream()
                        .anyMatch(partition -> partition.topic().equals(topic)));
    }

    /** The one that a flow is writing into. */
    public Optional<Segment> open(Flow flow) {
        return last().filter(segment -> segment.open() && segment.flow().equals(flow));
    }

    /**
     * A flow begins. Ranges of a topic that was deleted and made again since are forgotten.
     *
     * @throws IllegalArgumentException if another one has not ended, or an epoch goes back
     */
    public SegmentHistory begun(Segment next) {
        if (!next.open()) {
            throw new IllegalArgumentException("the segment of " + next.flow() + " that begins is closed");
        }
        if (segments.isEmpty() && !next.epoch().equals(Epoch.FIRST)) {
            throw new IllegalArgumentException("a segment of epoch " + next.epoch()
                    + " begins, but where the first flow ended was never recorded");
        }
        List<Segment> all = new ArrayList<>();
        for (Segment older : segments) {
            SortedMap<PartitionKey, Range> kept = new TreeMap<>(older.partitions());
            kept.entrySet().removeIf(e -> isOfAnEarlierTopic(older.flow(), e.getValue(), next, e.getKey()));
            all.add(older.with(kept));
        }
        all.add(next);
        while (all.size() > KEPT) {
            all.remove(0);
        }
        return new SegmentHistory(all);
    }

    /** Offsets of a cluster go back only if the topic was made again. */
    private static boolean isOfAnEarlierTopic(Flow flow, Range range, Segment next, PartitionKey partition) {
        Optional<Range> begin = next.range(partition);
        boolean sameWay = flow.equals(next.flow());
        long ownSource = sameWay ? range.sourceTo().orElse(0) : range.targetTo().orElse(0);
        long ownTarget = sameWay ? range.targetTo().orElse(0) : range.sourceTo().orElse(0);
        return begin.filter(b -> b.sourceFrom() < ownSource || b.targetFrom() < ownTarget)
                .isPresent();
    }

    /**
     * The newest flow has ended; also the first one, of which nothing is recorded. Ended again, the newer ends count.
     *
     * @throws IllegalArgumentException if it is not the newest flow, or its beginning differs from what is recorded
     */
    public SegmentHistory ended(Segment closed) {
        Optional<Segment> begun = last();
        boolean fits = !closed.open()
                && begun.map(last -> last.epoch().equals(closed.epoch())
                                && last.flow().equals(closed.flow())
                                && sameBegins(last, closed))
                        .orElse(closed.epoch().equals(Epoch.FIRST));
        if (!fits) {
            throw new IllegalArgumentException("the segment of " + closed.flow() + " from epoch " + closed.epoch()
                    + " ends, but "
                    + begun.map(last -> last.flow() + " from epoch " + last.epoch())
                            .orElse("the flow of epoch 1") + " is what runs");
        }
        List<Segment> all = new ArrayList<>(segments.subList(0, Math.max(0, segments.size() - 1)));
        all.add(closed);
        return new SegmentHistory(all);
    }

    private static boolean sameBegins(Segment begun, Segment closed) {
        return begun.partitions().entrySet().stream().allMatch(e -> {
            Range end = closed.partitions().get(e.getKey());
            return end != null
                    && end.sourceFrom() == e.getValue().sourceFrom()
                    && end.targetFrom() == e.getValue().targetFrom();
        });
    }

    /** The end of the newest flow does not count: the operation that recorded it was undone, and the flow runs on. */
    public SegmentHistory reopened(Flow flow) {
        Optional<Segment> last = last().filter(s -> !s.open() && s.flow().equals(flow));
        if (last.isEmpty()) {
            return this;
        }
        List<Segment> all = new ArrayList<>(segments.subList(0, segments.size() - 1));
        all.add(last.get().reopened());
        return new SegmentHistory(all);
    }

    /**
     * Without what no translation needs: closed ranges that carried nothing, ranges whose records are gone on both
     * clusters; ranges of one flow that lie side by side become one. The newest segment stays.
     *
     * @param begins by region, the first offset that the cluster still has, of partitions where it is above 0
     */
    public SegmentHistory compacted(Map<String, OffsetVector> begins) {
        List<SortedMap<PartitionKey, Range>> kept = new ArrayList<>();
        segments.forEach(segment -> kept.add(new TreeMap<>(segment.partitions())));
        for (int i = 0; i < segments.size() - 1; i++) {
            Segment segment = segments.get(i);
            List<SortedMap<PartitionKey, Range>> older = kept.subList(0, i);
            kept.get(i).entrySet().removeIf(e -> isEmptyAndNotTheFirst(e, older) || isGone(segment.flow(), e, begins));
        }
        for (int i = 1; i < segments.size(); i++) {
            join(i, kept);
        }
        List<Segment> all = new ArrayList<>();
        for (int i = 0; i < segments.size(); i++) {
            if (i == segments.size() - 1 || !kept.get(i).isEmpty()) {
                all.add(segments.get(i).with(kept.get(i)));
            }
        }
        return new SegmentHistory(all);
    }

    /** The first one stays: where it begins tells how far back a partition's positions are known. */
    private static boolean isEmptyAndNotTheFirst(
            Map.Entry<PartitionKey, Range> entry, List<SortedMap<PartitionKey, Range>> older) {
        return entry.getValue().isEmpty() && older.stream().anyMatch(ranges -> ranges.containsKey(entry.getKey()));
    }

    private static boolean isGone(Flow flow, Map.Entry<PartitionKey, Range> entry, Map<String, OffsetVector> begins) {
        return begin(begins, flow.from(), entry.getKey())
                        >= entry.getValue().sourceTo().orElse(Long.MAX_VALUE)
                && begin(begins, flow.to(), entry.getKey())
                        >= entry.getValue().targetTo().orElse(Long.MAX_VALUE);
    }

    private static long begin(Map<String, OffsetVector> begins, String region, PartitionKey partition) {
        return begins.getOrDefault(region, OffsetVector.EMPTY).end(partition).orElse(-1);
    }

    /** Of a segment that is closed; what is joined with it moves there from the older one. */
    private void join(int index, List<SortedMap<PartitionKey, Range>> kept) {
        Segment segment = segments.get(index);
        kept.get(index).replaceAll((partition, range) -> {
            Range joined = range;
            for (int older = index - 1; older >= 0; older--) {
                Range before = kept.get(older).get(partition);
                if (before == null) {
                    continue;
                }
                Optional<Range> both =
                        isContinued(segments.get(older), segment, partition) ? before.joined(joined) : Optional.empty();
                if (both.isEmpty()) {
                    return joined;
                }
                kept.get(older).remove(partition);
                joined = both.get();
            }
            return joined;
        });
    }

    private static boolean isContinued(Segment older, Segment newer, PartitionKey partition) {
        return !newer.open()
                && older.flow().equals(newer.flow())
                && older.sourceClusterId().equals(newer.sourceClusterId())
                && Objects.equals(
                        older.topicIds().get(partition.topic()),
                        newer.topicIds().get(partition.topic()));
    }
}
