package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.Gate;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Lease.Renewal;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Opens a class of writers on the promoted region, and waits until each of its brokers that is there has been granted
 * it by a renewal of the lease.
 */
public final class OpenGateStep implements RunbookStep {

    private final Gate gate;

    private OpenGateStep(Gate gate) {
        this.gate = gate;
    }

    /** The group's own jobs and table writers. */
    public static OpenGateStep pipeline() {
        return new OpenGateStep(Gate.pipeline);
    }

    /** Ordinary producers, and consumers' commits. */
    public static OpenGateStep ingress() {
        return new OpenGateStep(Gate.ingress);
    }

    @Override
    public String id() {
        return "open-" + gate;
    }

    @Override
    public String preview(Preview preview) {
        return "opens " + gate + " in " + preview.flow().to() + ", and waits until its brokers let it through";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        Reply reply = context.propose(new ControlEvent.GateOpened(context.group(), context.epoch(), gate));
        if (reply instanceof Reply.Refused refused) {
            return new StepOutcome.Failed(
                    refused.denials().stream().map(Denial::message).collect(Collectors.joining("; ")));
        }
        Duration lease = context.platform().group(context.group()).policy().lease();
        if (!Waiting.until(context, state -> isGranted(state, context.group(), lease))) {
            return new StepOutcome.Failed("no broker of " + context.flow().to() + " has renewed its lease with " + gate
                    + " open; do they reach a controller?");
        }
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        context.state()
                .group(context.group())
                .ifPresent(group -> group.lease().renewals().keySet().forEach(detail.withArray("brokers")::add));
        return new StepOutcome.Done(detail);
    }

    private boolean isGranted(ControlState state, String name, Duration lease) {
        Instant from = state.now().minus(lease);
        List<Renewal> present = state.group(name).map(GroupState::lease).stream()
                .flatMap(l -> l.renewals().values().stream())
                .filter(renewal -> renewal.at().isAfter(from))
                .toList();
        return !present.isEmpty()
                && present.stream().allMatch(renewal -> renewal.gates().isOpen(gate));
    }
}
