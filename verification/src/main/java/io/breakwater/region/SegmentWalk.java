package io.breakwater.region;

import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.PositionTranslator.Within;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.Uuid;

/**
 * The way of one source position through the ranges of its partition, by the rules of {@link SegmentTranslator}; whoever
 * drives it does the reading that it asks for. Invariant: every range before the present one holds no record that is at
 * or past the position and could be named on the target.
 */
final class SegmentWalk {

    /** What has to be read next. */
    sealed interface Look {

        /** The first record within a part of the target whose stamp is at or past a source offset. */
        record AtStamps(Uuid clusterId, long position, Within within) implements Look {}

        /** The stamp of the source's first record from an offset on. */
        record AtOrigin(long from, OptionalLong to) implements Look {}
    }

    private enum Kind {
        /** By the flow, to the target. */
        CARRIED,
        /** By the reverse flow, from the target. */
        BROUGHT,
        /** In front of the first range that the history still has. */
        FORGOTTEN
    }

    private record Stretch(Kind kind, Range range, Optional<Segment> segment) {

        /** On the source. */
        long from() {
            return kind == Kind.BROUGHT ? range.targetFrom() : range.sourceFrom();
        }

        /** On the source. */
        OptionalLong to() {
            return kind == Kind.BROUGHT ? range.targetTo() : range.sourceTo();
        }
    }

    private final PartitionKey partition;
    private final Optional<Uuid> clusterId;
    private final Optional<Uuid> topicId;
    private final List<Stretch> stretches;
    private int at = -1;
    private final long asked;
    private long position;
    private boolean done;
    private Optional<Translation> translation = Optional.empty();

    /**
     * @param flow from the cluster of the position to the one it is translated for
     * @param clusterId of the source, for a flow of which no segment says it
     * @param topicId of the source's topic now, if it is known
     */
    SegmentWalk(
            SegmentHistory history,
            Flow flow,
            PartitionKey partition,
            long position,
            Optional<Uuid> clusterId,
            Optional<Uuid> topicId) {
        this.partition = partition;
        this.asked = position;
        this.position = position;
        this.clusterId = clusterId;
        this.topicId = topicId;
        this.stretches = stretches(history, flow);
        onward();
    }

    PartitionKey partition() {
        return partition;
    }

    /** The position that it began with. */
    long asked() {
        return asked;
    }

    private List<Stretch> stretches(SegmentHistory history, Flow flow) {
        if (history.segments().isEmpty()) {
            return List.of(new Stretch(Kind.CARRIED, Range.WHOLE, Optional.empty()));
        }
        Optional<Segment> open = history.open(flow);
        if (open.filter(this::isOfAnEarlierTopic).isPresent()) {
            long targetFrom = open.get().range(partition).orElse(Range.WHOLE).targetFrom();
            return List.of(new Stretch(Kind.CARRIED, Range.openFrom(0, targetFrom), open));
        }
        List<Stretch> found = new ArrayList<>();
        for (Segment segment : history.segments()) {
            Kind kind = segment.flow().equals(flow) ? Kind.CARRIED : Kind.BROUGHT;
            segment.range(partition).ifPresent(range -> found.add(new Stretch(kind, range, Optional.of(segment))));
        }
        if (!found.isEmpty() && found.get(0).from() > 0) {
            long known = found.get(0).from();
            found.add(0, new Stretch(Kind.FORGOTTEN, Range.closed(0, known, 0, 0), Optional.empty()));
        }
        return found;
    }

    private boolean isOfAnEarlierTopic(Segment open) {
        Optional<Uuid> then = recordedTopic(open);
        return then.isPresent() && topicId.isPresent() && !then.equals(topicId);
    }

    private Optional<Uuid> recordedTopic(Segment segment) {
        return Optional.ofNullable(segment.topicIds().get(partition.topic())).map(Uuid::fromString);
    }

    /** Empty when it is done. */
    Optional<Look> look() {
        if (done) {
            return Optional.empty();
        }
        Stretch stretch = stretches.get(at);
        if (stretch.kind() != Kind.CARRIED) {
            return Optional.of(new Look.AtOrigin(position, stretch.to()));
        }
        Range range = stretch.range();
        // While a flow runs, the topic may be made again; what it carried until it ended is known.
        Optional<Uuid> topic = range.isOpen() ? topicId : stretch.segment().flatMap(this::recordedTopic);
        Within within = new Within(range.targetFrom(), range.targetTo(), topic);
        return Optional.of(new Look.AtStamps(cluster(stretch).orElseThrow(), position, within));
    }

    private Optional<Uuid> cluster(Stretch stretch) {
        return stretch.segment()
                .flatMap(Segment::sourceClusterId)
                .map(Uuid::fromString)
                .or(() -> clusterId);
    }

    /** @param found empty if the target does not have the partition */
    void stampsRead(Optional<Translation> found) {
        if (found.isEmpty() || !found.get().pastTail() || isLast(at)) {
            end(found);
        } else {
            onward();
        }
    }

    /** @param stamp of the first record; empty if it has none */
    void originRead(Optional<ProvenanceStamp> stamp) {
        Stretch stretch = stretches.get(at);
        end(stamp.filter(s ->
                        stretch.kind() == Kind.BROUGHT && isOf(stretch.segment().orElseThrow(), s))
                .map(s -> new Translation(s.offset(), false)));
    }

    /** Of the segment that brought it, as far as that is recorded. */
    private boolean isOf(Segment segment, ProvenanceStamp stamp) {
        return segment.sourceClusterId()
                        .map(stamp.clusterId().toString()::equals)
                        .orElse(true)
                && recordedTopic(segment).map(stamp.topicId()::equals).orElse(true);
    }

    /** No record is left in the range that was to be read on the source. */
    void originEmpty() {
        onward();
    }

    /** The source cannot be read: the position cannot be told. */
    void originUnknown() {
        end(Optional.empty());
    }

    /** Empty if the position cannot be told, or the target does not have the partition. */
    Optional<Translation> translation() {
        if (!done) {
            throw new IllegalStateException("the walk of " + partition + " at " + position + " is not done");
        }
        return translation;
    }

    private boolean isLast(int index) {
        return index == stretches.size() - 1;
    }

    private void end(Optional<Translation> found) {
        translation = found;
        done = true;
    }

    /** To the next range in which the position is, or behind which it must be sought no further. */
    private void onward() {
        for (at++; at < stretches.size(); at++) {
            Stretch stretch = stretches.get(at);
            boolean behind = stretch.to().orElse(Long.MAX_VALUE) <= position;
            boolean pastAll = behind && isLast(at) && stretch.kind() == Kind.CARRIED;
            if (behind && !pastAll) {
                continue;
            }
            // What lies in front of the range was carried nowhere: its first record is the next that counts.
            position = Math.max(position, stretch.from());
            if (stretch.kind() == Kind.BROUGHT && position == stretch.from()) {
                end(Optional.of(new Translation(stretch.range().sourceFrom(), false)));
            } else if (stretch.kind() == Kind.CARRIED && cluster(stretch).isEmpty()) {
                end(Optional.empty());
            }
            return;
        }
        end(Optional.empty());
    }
}
