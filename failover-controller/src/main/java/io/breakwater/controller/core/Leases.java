package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.GateOpened;
import io.breakwater.controller.core.ControlEvent.LeaseLapsed;
import io.breakwater.controller.core.ControlEvent.LeaseRenewal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rules of the lease. Renewals end at the moment in which an operation that takes the active role away begins, so
 * the index that the leader then waits out is the last one.
 */
final class Leases {

    private Leases() {}

    static Change renew(ControlState state, LeaseRenewal renewal) {
        ControlState next = state;
        List<Reply.GroupLease> answers = new ArrayList<>();
        for (String name : state.groups().keySet()) {
            GroupState group = state.groups().get(name);
            GroupSettings settings = state.settings().groups().get(name);
            boolean active = renewal.region().equals(group.active());
            if (settings == null || !(active || renewal.region().equals(group.standby()))) {
                continue;
            }
            boolean granted =
                    active && !group.lease().lapsed() && leaving(state, group).isEmpty();
            Gates gates = granted ? group.gates() : Gates.CLOSED;
            answers.add(new Reply.GroupLease(
                    name,
                    granted,
                    group.epoch(),
                    gates.ingress(),
                    gates.pipeline(),
                    settings.policy().lease().toMillis()));
            if (granted) {
                Lease lease = group.lease().renewed(renewal.broker(), gates, state.now());
                next = next.withGroup(name, group.change().lease(lease).done());
            }
        }
        return new Change(next, new Reply.LeaseAnswer(renewal.region(), answers));
    }

    static Change lapse(ControlState state, LeaseLapsed lapsed) {
        return Operations.inEpoch(state, lapsed.group(), lapsed.epoch(), group -> {
            long current = group.lease().renewalIndex();
            if (leaving(state, group).isEmpty()) {
                return Change.refused(state, new Denial.NoMoveRunning(lapsed.group()));
            }
            if (Fences.areAcls(state, lapsed.group(), group.active())) {
                // Its brokers hold no lease: that time has passed says nothing of them.
                return Change.refused(state, new Denial.FenceNotConfirmed(group.active()));
            }
            if (lapsed.renewalIndex() != current) {
                return Change.refused(state, new Denial.NewerRenewalStands(lapsed.renewalIndex(), current));
            }
            return Change.accepted(state.withGroup(
                    lapsed.group(), group.change().lease(group.lease().lapse()).done()));
        });
    }

    static Change open(ControlState state, GateOpened opened) {
        return Operations.inEpoch(state, opened.group(), opened.epoch(), group -> {
            Optional<Operation> moving = running(state, group).filter(Operation::moves);
            if (moving.isEmpty()) {
                return Change.refused(state, new Denial.NoMoveRunning(opened.group()));
            }
            if (moving.get().pointOfNoReturnAt().isEmpty()) {
                return Change.refused(
                        state, new Denial.ReturnStillPossible(moving.get().id()));
            }
            if (opened.gate() == Gate.ingress && !group.gates().pipeline()) {
                return Change.refused(state, new Denial.PipelineClosed(opened.group()));
            }
            return Change.accepted(state.withGroup(
                    opened.group(),
                    group.change()
                            .gates(group.gates().opened(opened.gate()))
                            .fence(group.active(), Optional.empty())
                            .done()));
        });
    }

    /** The running operation that takes the active role from the present active region, before its point of no return. */
    static Optional<Operation> leaving(ControlState state, GroupState group) {
        return running(state, group)
                .filter(o -> o.moves() && o.pointOfNoReturnAt().isEmpty());
    }

    static Optional<Operation> running(ControlState state, GroupState group) {
        return group.operation().flatMap(state::operation);
    }
}
