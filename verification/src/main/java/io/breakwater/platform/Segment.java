package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Collections;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of a flow carried, from the beginning of the flow until it was fenced: for each partition, which source
 * offsets became which target offsets. Positions are translated inside of it.
 *
 * <p>Invariants: within a range every visible record of the target carries a stamp of the source cluster, and stamps
 * grow with offsets. A segment is open in all its partitions or in none. A partition that an open segment does not
 * list begins at 0 on both sides: it was made after the flow began.
 *
 * @param epoch the group's epoch in which the flow began
 * @param open whether the flow may still run
 * @param sourceClusterId as stamps name it; empty if nothing was ever mirrored
 * @param topicIds of the source, by topic, as stamps name them, where they are known
 */
public record Segment(
        Epoch epoch,
        Flow flow,
        boolean open,
        Optional<String> sourceClusterId,
        SortedMap<String, String> topicIds,
        SortedMap<PartitionKey, Range> partitions) {

    /**
     * One partition's part. Written {@code 0..120>0..118}, source before target; an open end is left out.
     *
     * @param sourceFrom inclusive; a record below it was not carried by this run of the flow
     * @param sourceTo exclusive; empty while the flow runs
     * @param targetFrom inclusive: the target's end when the flow began
     * @param targetTo exclusive: the target's end when the flow was fenced; empty while it runs
     */
    public record Range(long sourceFrom, OptionalLong sourceTo, long targetFrom, OptionalLong targetTo) {

        private static final Pattern TEXT = Pattern.compile("(\\d+)\\.\\.(\\d*)>(\\d+)\\.\\.(\\d*)");

        /** Of a partition that was made after its flow began. */
        public static final Range WHOLE = Range.openFrom(0, 0);

        public Range {
            if (sourceFrom < 0 || targetFrom < 0 || sourceTo.isPresent() != targetTo.isPresent()) {
                throw new IllegalArgumentException("range " + text(sourceFrom, sourceTo, targetFrom, targetTo)
                        + ": begins are at least 0, and both ends are open or none");
            }
            if (sourceTo.orElse(sourceFrom) < sourceFrom || targetTo.orElse(targetFrom) < targetFrom) {
                throw new IllegalArgumentException(
                        "range " + text(sourceFrom, sourceTo, targetFrom, targetTo) + " ends before it begins");
            }
        }

        public static Range openFrom(long sourceFrom, long targetFrom) {
            return new Range(sourceFrom, OptionalLong.empty(), targetFrom, OptionalLong.empty());
        }

        public static Range closed(long sourceFrom, long sourceTo, long targetFrom, long targetTo) {
            return new Range(sourceFrom, OptionalLong.of(sourceTo), targetFrom, OptionalLong.of(targetTo));
        }

        /** @throws IllegalArgumentException if the text is not {@code from..to>from..to} */
        @JsonCreator
        public static Range parse(String text) {
            Matcher found = TEXT.matcher(text);
            if (!found.matches()) {
                throw new IllegalArgumentException("range '" + text + "': expected from..to>from..to");
            }
            return new Range(
                    Long.parseLong(found.group(1)), end(found.group(2)),
                    Long.parseLong(found.group(3)), end(found.group(4)));
        }

        private static OptionalLong end(String text) {
            return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
        }

        @JsonIgnore
        public boolean isOpen() {
            return sourceTo.isEmpty();
        }

        /** Whether it is closed and no record of the target lies in it. */
        @JsonIgnore
        public boolean isEmpty() {
            return targetTo.isPresent() && targetTo.getAsLong() == targetFrom;
        }

        Range reopened() {
            return openFrom(sourceFrom, targetFrom);
        }

        /** Both as one, if the other one goes on exactly where this one ends, on both sides. */
        Optional<Range> joined(Range next) {
            boolean adjacent = sourceTo.isPresent()
                    && sourceTo.getAsLong() == next.sourceFrom
                    && targetTo.orElse(-1) == next.targetFrom;
            return adjacent
                    ? Optional.of(new Range(sourceFrom, next.sourceTo, targetFrom, next.targetTo))
                    : Optional.empty();
        }

        private static String text(long sourceFrom, OptionalLong sourceTo, long targetFrom, OptionalLong targetTo) {
            return sourceFrom + ".." + text(sourceTo) + ">" + targetFrom + ".." + text(targetTo);
        }

        private static String text(OptionalLong end) {
            return end.isPresent() ? Long.toString(end.getAsLong()) : "";
        }

        @JsonValue
        @Override
        public String toString() {
            return text(sourceFrom, sourceTo, targetFrom, targetTo);
        }
    }

    public Segment {
        topicIds = Collections.unmodifiableSortedMap(new TreeMap<>(topicIds));
        partitions = Collections.unmodifiableSortedMap(new TreeMap<>(partitions));
        partitions.forEach((partition, range) -> {
            if (range.isOpen() != open) {
                throw new IllegalArgumentException("segment of " + flow + " in epoch " + epoch + " is "
                        + (open ? "open" : "closed") + ", but " + partition + " has the range " + range);
            }
        });
    }

    /** The range of a partition; of one that is not listed, {@link Range#WHOLE} while the segment is open. */
    public Optional<Range> range(PartitionKey partition) {
        Range range = partitions.get(partition);
        return range == null && open ? Optional.of(Range.WHOLE) : Optional.ofNullable(range);
    }

    Segment with(SortedMap<PartitionKey, Range> ranges) {
        return new Segment(epoch, flow, open, sourceClusterId, topicIds, ranges);
    }

    Segment reopened() {
        SortedMap<PartitionKey, Range> ranges = new TreeMap<>(partitions);
        ranges.replaceAll((partition, range) -> range.reopened());
        return new Segment(epoch, flow, true, sourceClusterId, topicIds, ranges);
    }
}
