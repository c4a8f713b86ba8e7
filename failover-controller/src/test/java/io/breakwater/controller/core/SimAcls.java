package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.FenceLifted;
import io.breakwater.controller.core.ControlEvent.FenceWaived;
import io.breakwater.controller.core.ControlEvent.LeaseLapsed;
import io.breakwater.controller.core.ControlEvent.StepApproved;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The regions of a simulation that only ACLs close, and what ACLs cannot promise: a region that a person answered for
 * is open when it comes back, and ACLs that are taken away too late leave a region open. Such a region counts as one
 * that accepts writes again once it was seen closed, or may be open.
 */
final class SimAcls {

    private final Map<String, SimAclBroker> brokers = new HashMap<>();
    private final Set<String> openByTheLimits = new HashSet<>();
    private final Supplier<ControlState> state;
    private final SimTally tally;

    SimAcls(Set<String> regions, String home, Random random, Supplier<ControlState> state, SimTally tally) {
        this.state = state;
        this.tally = tally;
        regions.forEach(region ->
                brokers.put(region, new SimAclBroker(region, !region.equals(home), random, () -> opened(region))));
    }

    boolean areThere() {
        return !brokers.isEmpty();
    }

    Optional<SimAclBroker> broker(String region) {
        return Optional.ofNullable(brokers.get(region));
    }

    private void opened(String region) {
        if (!mayBeOpen(region)) {
            openByTheLimits.add(region);
            tally.count("opened late");
        }
    }

    private boolean mayBeOpen(String region) {
        return state.get()
                .group(Scenario.GROUP)
                .filter(group -> group.active().equals(region)
                        && Leases.leaving(state.get(), group).isEmpty())
                .isPresent();
    }

    /** Before the event was applied. */
    void accepted(ControlState before, ControlEvent event) {
        if (event instanceof FenceWaived) {
            openByTheLimits.add(before.group(Scenario.GROUP).orElseThrow().active());
            tally.count("waived");
        }
    }

    /** Of the regions that accept writes those that must not, or may. */
    List<String> against(List<String> open) {
        if (openByTheLimits.isEmpty()) {
            return open;
        }
        openByTheLimits.removeIf(
                region -> broker(region).filter(SimAclBroker::isClosed).isPresent() || mayBeOpen(region));
        return open.stream().filter(region -> !openByTheLimits.contains(region)).toList();
    }

    /** What no sane leader would send. Of a region that holds leases, how long it has heard of none is the leader's to say. */
    List<ControlEvent> confused(Operation running) {
        String from = running.flow().from();
        long renewals = state.get()
                .group(Scenario.GROUP)
                .map(group -> group.lease().renewalIndex())
                .orElse(0L);
        return broker(from).isPresent()
                ? List.of(
                        new FenceWaived(running.id(), running.epoch(), Operation.CLOSES, List.of()),
                        new LeaseLapsed(Scenario.GROUP, running.epoch(), renewals),
                        new FenceLifted(Scenario.GROUP, running.epoch(), from, List.of()))
                : List.of();
    }

    /** A person looks, and says what is so. */
    Optional<ControlEvent> word() {
        ControlState known = state.get();
        return known.operations().stream()
                .filter(operation -> operation.isRunning() && operation.moves())
                .filter(operation -> broker(operation.flow().from())
                        .filter(broker -> !broker.isAlive())
                        .isPresent())
                .findFirst()
                .map(operation -> new StepApproved(
                        operation.id(), operation.epoch(), Operation.CLOSES, "ada", "its power is off", List.of()));
    }
}
