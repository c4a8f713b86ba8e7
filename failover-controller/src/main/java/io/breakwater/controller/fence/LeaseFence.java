package io.breakwater.controller.fence;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Gate;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Lease.Renewal;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.Waiting;
import io.breakwater.platform.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The brokers hold a lease. The leader counts and proposes its lapse, brokers pull their grants; here is only waited. */
public final class LeaseFence implements RegionFence {

    @Override
    public String preview(Preview preview, String region) {
        Policy policy = preview.platform().group(preview.group()).policy();
        return "waits until the lease of " + region + " has lapsed, "
                + policy.lease().plus(policy.leaseMargin()).toSeconds() + " s after its last renewal";
    }

    @Override
    public StepOutcome close(StepContext context) throws InterruptedException {
        boolean lapsed = Waiting.until(
                context,
                state -> state.group(context.group())
                        .filter(group -> group.epoch().equals(context.epoch())
                                && (group.lease().lapsed() || isPromoted(context)))
                        .isPresent());
        if (!lapsed) {
            return new StepOutcome.Failed("the lease of " + context.flow().from() + " has not lapsed yet");
        }
        long renewal = context.state()
                .group(context.group())
                .map(group -> group.lease().renewalIndex())
                .orElse(0L);
        return new StepOutcome.Done(JsonNodeFactory.instance.objectNode().put("renewalIndex", renewal));
    }

    /** Then it had lapsed, and the lease is the promoted region's. */
    static boolean isPromoted(StepContext context) {
        return context.operation().pointOfNoReturnAt().isPresent();
    }

    @Override
    public StepOutcome open(StepContext context, Gate gate) throws InterruptedException {
        Duration lease = context.platform().group(context.group()).policy().lease();
        if (!Waiting.until(context, state -> isGranted(state, context.group(), lease, gate))) {
            return new StepOutcome.Failed("no broker of " + context.flow().to() + " has renewed its lease with " + gate
                    + " open; do they reach a controller?");
        }
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        context.state()
                .group(context.group())
                .ifPresent(group -> group.lease().renewals().keySet().forEach(detail.withArray("brokers")::add));
        return new StepOutcome.Done(detail);
    }

    private static boolean isGranted(ControlState state, String name, Duration lease, Gate gate) {
        Instant from = state.now().minus(lease);
        List<Renewal> present = state.group(name).map(GroupState::lease).stream()
                .flatMap(l -> l.renewals().values().stream())
                .filter(renewal -> renewal.at().isAfter(from))
                .toList();
        return !present.isEmpty()
                && present.stream().allMatch(renewal -> renewal.gates().isOpen(gate));
    }
}
