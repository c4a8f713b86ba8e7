package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.LeadTransferRequested;
import java.util.ArrayList;
import java.util.List;

/** What persons ask for of the controller nodes themselves. The machine only allows it: Raft does it. */
final class NodeChanges {

    private NodeChanges() {}

    static Change transferLead(ControlState state, LeadTransferRequested transfer) {
        List<Denial> denials = always(state, transfer.requestedBy(), transfer.reason());
        String node = transfer.node();
        if (!state.settings().nodes().contains(node)) {
            denials.add(new Denial.UnknownNode(node));
        } else if (!state.isHeardFrom(node)) {
            // Until Raft gives up on a node that is down, the leader takes nothing in, leases neither.
            denials.add(new Denial.NodeSilent(node));
        }
        transfer.region()
                .filter(region -> state.groups().values().stream()
                        .anyMatch(group -> group.active().equals(region)))
                .ifPresent(region -> denials.add(new Denial.LeadNotKept(node, region)));
        return denials.isEmpty() ? Change.accepted(state) : Change.refused(state, denials);
    }

    /** An operation survives the loss of its leader, but it is not put to that by choice. */
    private static List<Denial> always(ControlState state, String requestedBy, String reason) {
        List<Denial> denials = new ArrayList<>();
        if (requestedBy.isBlank() || reason.isBlank()) {
            denials.add(new Denial.NameAndReasonNeeded());
        }
        state.groups()
                .values()
                .forEach(group ->
                        group.operation().ifPresent(operation -> denials.add(new Denial.OperationRunning(operation))));
        return denials;
    }
}
