package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;

/**
 * Waits until the lease of the region that is left has provably lapsed (rule 10). The leader counts and proposes it;
 * here is only waited.
 */
public final class AwaitLeaseLapsedStep implements RunbookStep {

    @Override
    public String id() {
        return "await-lease-lapsed";
    }

    @Override
    public String preview(Preview preview) {
        return "waits until the lease of " + preview.flow().from() + " has lapsed, "
                + preview.platform()
                        .group(preview.group())
                        .policy()
                        .lease()
                        .plus(preview.platform().group(preview.group()).policy().leaseMargin())
                        .toSeconds()
                + " s after its last renewal";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
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
    private static boolean isPromoted(StepContext context) {
        return context.operation().pointOfNoReturnAt().isPresent();
    }
}
