package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.Operation;
import io.breakwater.controller.fence.RegionFence;
import io.breakwater.controller.fence.RegionFences;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Platform;

/**
 * Waits until the region that is left can accept nothing more (rule 10): until its lease has provably lapsed, or, where
 * ACLs close it, until these are made and its brokers were seen to refuse.
 */
public final class AwaitLeaseLapsedStep implements RunbookStep {

    private final RegionFences fences;

    public AwaitLeaseLapsedStep(RegionFences fences) {
        this.fences = fences;
    }

    @Override
    public String id() {
        return Operation.CLOSES;
    }

    @Override
    public String preview(Preview preview) {
        String from = preview.flow().from();
        return fence(preview.platform(), preview.group(), from).preview(preview, from);
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        return fence(context.platform(), context.group(), context.flow().from()).close(context);
    }

    private RegionFence fence(Platform platform, String group, String region) {
        return fences.of(platform, group, region);
    }
}
