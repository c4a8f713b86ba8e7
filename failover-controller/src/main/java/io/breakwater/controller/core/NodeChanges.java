package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.LeadTransferRequested;
import io.breakwater.controller.core.ControlEvent.NodesChangeRequested;
import io.breakwater.platform.Policy;
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

    static Change change(ControlState state, NodesChangeRequested change) {
        List<Denial> denials = always(state, change.requestedBy(), change.reason());
        List<String> nodes = new ArrayList<>(state.settings().nodes());
        change.leaves()
                .filter(node -> !nodes.remove(node))
                .ifPresent(node -> denials.add(new Denial.UnknownNode(node)));
        change.leaves().filter(change.leader()::equals).ifPresent(node -> denials.add(new Denial.LeaderLeaves(node)));
        change.joins()
                .filter(state.settings().nodes()::contains)
                .ifPresent(node -> denials.add(new Denial.NodeVotes(node)));
        // Raft takes a node in only once it has caught up: that one is heard from.
        int joining = change.joins().isPresent() ? 1 : 0;
        int heard = joining + (int) nodes.stream().filter(state::isHeardFrom).count();
        int size = joining + nodes.size();
        int needed = size / 2 + 1;
        if (heard < needed) {
            denials.add(new Denial.MajorityNotHeard(heard, needed));
        }
        boolean shrinks = size < state.settings().nodes().size();
        boolean automatic = state.settings().groups().values().stream()
                .anyMatch(group -> group.policy().mode() == Policy.Mode.automatic);
        if (shrinks && automatic && size < Guards.NODES_NEEDED) {
            denials.add(new Denial.TooFewNodes(size));
        }
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
