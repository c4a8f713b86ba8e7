package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.FenceLifted;
import io.breakwater.controller.core.ControlEvent.FenceReported;
import io.breakwater.controller.core.ControlEvent.FenceWaived;
import java.util.Optional;

/**
 * The rules of regions that ACLs close. No time that passes closes them: only a fence that is confirmed does, or the word
 * of a person who answers for it (rule 10).
 */
final class Fences {

    private Fences() {}

    /** Whether only ACLs close a region of the group. */
    static boolean areAcls(ControlState state, String group, String region) {
        GroupSettings settings = state.settings().groups().get(group);
        return settings != null && settings.fencedByAcls().contains(region);
    }

    static boolean isConfirmed(GroupState group, String region) {
        return group.fence(region).filter(FenceState::confirmed).isPresent();
    }

    static Change report(ControlState state, FenceReported reported) {
        return Operations.inEpoch(state, reported.group(), reported.epoch(), group -> {
            String region = reported.region();
            if (!areAcls(state, reported.group(), region)) {
                return Change.refused(state, new Denial.NotFencedByAcls(reported.group(), region));
            }
            boolean leaving = region.equals(group.active())
                    && Leases.leaving(state, group).isPresent();
            if (!leaving && !region.equals(group.standby())) {
                return Change.refused(state, new Denial.RegionIsOpen(reported.group(), region));
            }
            boolean closes =
                    leaving && reported.fence().confirmed() && !group.lease().lapsed();
            if (!closes && group.fence(region).equals(Optional.of(reported.fence()))) {
                return Change.repeated(state, new Reply.Accepted());
            }
            GroupChange change = group.change().fence(region, Optional.of(reported.fence()));
            if (closes) {
                change.lease(group.lease().lapse());
            }
            return Change.accepted(state.withGroup(reported.group(), change.done()));
        });
    }

    /** Asked before the ACLs are taken away: refused, the region is closed for a reason. */
    static Change lift(ControlState state, FenceLifted lifted) {
        return Operations.inEpoch(state, lifted.group(), lifted.epoch(), group -> {
            if (!areAcls(state, lifted.group(), lifted.region())) {
                return Change.refused(state, new Denial.NotFencedByAcls(lifted.group(), lifted.region()));
            }
            boolean open = lifted.region().equals(group.active())
                    && group.gates().ingress()
                    && Leases.leaving(state, group).isEmpty();
            return open
                    ? Change.accepted(state.withGroup(
                            lifted.group(),
                            group.change()
                                    .fence(lifted.region(), Optional.empty())
                                    .done()))
                    : Change.refused(state, new Denial.RegionIsClosed(lifted.group(), lifted.region()));
        });
    }

    static Change waive(ControlState state, FenceWaived waived) {
        return Operations.whileRunning(state, waived.operation(), waived.epoch(), operation -> {
            GroupState group = state.group(operation.group()).orElseThrow();
            if (Leases.leaving(state, group).isEmpty() || !areAcls(state, operation.group(), group.active())) {
                return Change.refused(state, new Denial.NotFencedByAcls(operation.group(), group.active()));
            }
            if (operation.approvals(waived.step()).isEmpty()) {
                return Change.refused(state, new Denial.FenceNotConfirmed(group.active()));
            }
            return Change.accepted(state.withGroup(
                    operation.group(),
                    group.change().lease(group.lease().lapse()).done()));
        });
    }

    /** Whether one person may answer for what the operation waits for: nobody else may be awake. */
    static boolean isWaivable(ControlState state, Operation operation, String step) {
        return step.equals(Operation.CLOSES)
                && operation.moves()
                && operation.pointOfNoReturnAt().isEmpty()
                && areAcls(state, operation.group(), operation.flow().from())
                && !Guards.policy(state, operation.group()).twoPersons();
    }
}
