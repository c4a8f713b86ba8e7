package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.OperationApproved;
import io.breakwater.controller.core.ControlEvent.StepApproved;
import java.util.Optional;

/** Approvals by a second person: of an operation before it begins, and of a step of a running one. */
final class Approvals {

    private Approvals() {}

    static Change approve(ControlState state, OperationApproved approved) {
        if (isAnonymous(approved.approvedBy(), approved.reason())) {
            return Change.refused(state, new Denial.NameAndReasonNeeded());
        }
        Optional<GroupState> group = state.group(approved.group());
        if (group.isEmpty()) {
            return Change.refused(state, new Denial.UnknownGroup(approved.group()));
        }
        if (state.operation(approved.id()).isPresent()) {
            return Change.repeated(state, new Reply.OperationBegun(approved.id()));
        }
        Optional<PendingRequest> pending =
                group.get().pending().filter(p -> p.id().equals(approved.id()) && p.stands(state.now()));
        if (pending.isEmpty()) {
            return Change.refused(state, new Denial.NothingToApprove("operation " + approved.id()));
        }
        if (isSame(pending.get().requestedBy(), approved.approvedBy())) {
            return Change.refused(state, new Denial.SamePerson(approved.approvedBy()));
        }
        return Operations.beginApproved(state, approved.group(), group.get(), pending.get(), approved.approvedBy());
    }

    static Change approve(ControlState state, StepApproved approved) {
        if (isAnonymous(approved.approvedBy(), approved.reason())) {
            return Change.refused(state, new Denial.NameAndReasonNeeded());
        }
        return Operations.whileRunning(state, approved.operation(), approved.epoch(), operation -> {
            boolean runs = operation
                    .step(approved.step())
                    .filter(run -> run.state() == StepRun.State.running)
                    .isPresent();
            if (!runs) {
                return Change.refused(
                        state,
                        new Denial.NothingToApprove("step " + approved.step() + " of operation " + operation.id()));
            }
            if (isSame(operation.requestedBy(), approved.approvedBy())
                    && !Fences.isWaivable(state, operation, approved.step())) {
                return Change.refused(state, new Denial.SamePerson(approved.approvedBy()));
            }
            if (operation.approvals(approved.step()).stream()
                    .anyMatch(approval -> isSame(approval.approvedBy(), approved.approvedBy()))) {
                return Change.repeated(state, new Reply.Accepted());
            }
            return Change.accepted(state.with(operation.with(
                    new Approval(approved.step(), approved.approvedBy(), approved.reason(), state.now()))));
        });
    }

    private static boolean isAnonymous(String who, String why) {
        return who.isBlank() || why.isBlank();
    }

    private static boolean isSame(String one, String other) {
        return one.strip().equalsIgnoreCase(other.strip());
    }
}
