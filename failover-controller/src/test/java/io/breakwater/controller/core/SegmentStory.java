package io.breakwater.controller.core;

import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Segments as steps would record them, of a group with one partition. */
final class SegmentStory {

    static final PartitionKey PARTITION = new PartitionKey("flights.events", 0);

    private static final long CARRIED = 10;
    private static final long ORPHANS = 3;

    private SegmentStory() {}

    static Segment ended(GroupState group, Flow flow) {
        Optional<Segment> last = group.segments().last();
        Range begin = last.flatMap(s -> s.range(PARTITION)).orElse(Range.WHOLE);
        Range end = Range.closed(
                begin.sourceFrom(), begin.sourceFrom() + CARRIED, begin.targetFrom(), begin.targetFrom() + CARRIED);
        return segment(last.map(Segment::epoch).orElse(Epoch.FIRST), flow, false, end);
    }

    static Segment begun(GroupState group) {
        Range last = group.segments().last().flatMap(s -> s.range(PARTITION)).orElse(Range.WHOLE);
        Range begin = Range.openFrom(last.targetTo().orElse(0), last.sourceTo().orElse(0) + ORPHANS);
        return segment(group.epoch(), group.flow(), true, begin);
    }

    /** As the step {@code record-segments}. */
    static StepOutcome record(StepContext context) throws InterruptedException {
        GroupState group = context.state().group(context.group()).orElseThrow();
        if (group.segments().last().filter(last -> !last.open()).isPresent()) {
            return StepOutcome.done();
        }
        Reply reply = context.propose(
                new ControlEvent.SegmentEnded(context.operation().id(), context.epoch(), ended(group, context.flow())));
        return reply.isRefused() ? new StepOutcome.Failed(reply.toString()) : StepOutcome.done();
    }

    private static Segment segment(Epoch epoch, Flow flow, boolean open, Range range) {
        return new Segment(
                epoch, flow, open, Optional.of(flow.from()), new TreeMap<>(), new TreeMap<>(Map.of(PARTITION, range)));
    }
}
