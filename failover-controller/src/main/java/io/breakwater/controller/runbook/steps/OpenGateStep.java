package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.Gate;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.fence.RegionFences;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import java.util.stream.Collectors;

/**
 * Opens a class of writers on the promoted region, and waits until each of its brokers that is there lets them in: by a
 * renewal of the lease, or because the ACLs that closed it are gone.
 */
public final class OpenGateStep implements RunbookStep {

    private final Gate gate;
    private final RegionFences fences;

    private OpenGateStep(Gate gate, RegionFences fences) {
        this.gate = gate;
        this.fences = fences;
    }

    /** The group's own jobs and table writers. */
    public static OpenGateStep pipeline(RegionFences fences) {
        return new OpenGateStep(Gate.pipeline, fences);
    }

    /** Ordinary producers, and consumers' commits. */
    public static OpenGateStep ingress(RegionFences fences) {
        return new OpenGateStep(Gate.ingress, fences);
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
        return fences.of(context.platform(), context.group(), context.flow().to())
                .open(context, gate);
    }
}
