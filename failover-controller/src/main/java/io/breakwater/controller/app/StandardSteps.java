package io.breakwater.controller.app;

import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.steps.AwaitLeaseLapsedStep;
import io.breakwater.controller.runbook.steps.OpenGateStep;
import io.breakwater.controller.runbook.steps.PointOfNoReturnStep;
import io.breakwater.controller.runbook.steps.RestoreJobsStep;
import io.breakwater.region.RegionClients;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The steps that come with Breakwater: one line each. */
final class StandardSteps {

    private StandardSteps() {}

    /** By id. */
    static SortedMap<String, RunbookStep> of(RegionClients clients) {
        SortedMap<String, RunbookStep> steps = new TreeMap<>();
        List.of(
                        new AwaitLeaseLapsedStep(),
                        new PointOfNoReturnStep(),
                        OpenGateStep.pipeline(),
                        new RestoreJobsStep(clients),
                        OpenGateStep.ingress())
                .forEach(step -> steps.put(step.id(), step));
        return steps;
    }
}
