package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.SegmentBegun;
import io.breakwater.controller.core.ControlEvent.SegmentEnded;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Segment;
import io.breakwater.platform.SegmentHistory;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The rules of segments. A flow begins once, while no operation takes the active role away; it ends with the operation
 * that does, before its point of no return. If that operation is undone, the flow runs on as if it had not ended.
 */
final class FlowSegments {

    private FlowSegments() {}

    static Change begin(ControlState state, SegmentBegun begun) {
        Segment segment = begun.segment();
        return Operations.inEpoch(state, begun.group(), segment.epoch(), group -> {
            if (group.segments().last().equals(Optional.of(segment))) {
                return Change.accepted(state);
            }
            Optional<Operation> leaving = Leases.leaving(state, group);
            if (leaving.isPresent()) {
                return Change.refused(
                        state, new Denial.OperationRunning(leaving.get().id()));
            }
            if (!segment.flow().equals(group.flow())) {
                return Change.refused(state, ofAnotherFlow(segment.flow(), group.flow()));
            }
            return with(
                    state,
                    begun.group(),
                    group,
                    () -> group.segments().begun(segment).compacted(begun.logBegins()));
        });
    }

    static Change end(ControlState state, SegmentEnded ended) {
        return Operations.whileRunning(state, ended.operation(), ended.epoch(), operation -> {
            GroupState group = state.group(operation.group()).orElseThrow();
            if (!operation.moves()) {
                return Change.refused(state, new Denial.NoMoveRunning(operation.group()));
            }
            if (operation.pointOfNoReturnAt().isPresent()) {
                return Change.refused(state, new Denial.ReturnImpossible(operation.id()));
            }
            if (!ended.segment().flow().equals(operation.flow())) {
                return Change.refused(state, ofAnotherFlow(ended.segment().flow(), operation.flow()));
            }
            return with(state, operation.group(), group, () -> group.segments().ended(ended.segment()));
        });
    }

    private static Denial ofAnotherFlow(Flow given, Flow running) {
        return new Denial.SegmentRefused("it is of the flow " + given + ", the group's is " + running);
    }

    private static Change with(ControlState state, String name, GroupState group, Supplier<SegmentHistory> next) {
        try {
            return Change.accepted(
                    state.withGroup(name, group.change().segments(next.get()).done()));
        } catch (IllegalArgumentException e) {
            return Change.refused(state, new Denial.SegmentRefused(String.valueOf(e.getMessage())));
        }
    }
}
