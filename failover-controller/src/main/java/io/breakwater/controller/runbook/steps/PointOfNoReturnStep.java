package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import java.util.stream.Collectors;

/** Commits through consensus that there is only forward: the other region is the active one from here, still closed. */
public final class PointOfNoReturnStep implements RunbookStep {

    @Override
    public String id() {
        return "point-of-no-return";
    }

    @Override
    public String preview(Preview preview) {
        return "makes " + preview.flow().to() + " the active region in epoch " + preview.epoch()
                + "; from here there is only forward";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        Reply reply = context.propose(
                new ControlEvent.PointOfNoReturnPassed(context.operation().id(), context.epoch()));
        if (reply instanceof Reply.Refused refused) {
            return new StepOutcome.Failed(
                    refused.denials().stream().map(Denial::message).collect(Collectors.joining("; ")));
        }
        return StepOutcome.done();
    }
}
