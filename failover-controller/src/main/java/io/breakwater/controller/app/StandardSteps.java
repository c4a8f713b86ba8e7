package io.breakwater.controller.app;

import io.breakwater.controller.fence.AclClusters;
import io.breakwater.controller.fence.RegionFences;
import io.breakwater.controller.routing.RouteTargets;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.steps.ApprovalStep;
import io.breakwater.controller.runbook.steps.AwaitLeaseLapsedStep;
import io.breakwater.controller.runbook.steps.DrainStep;
import io.breakwater.controller.runbook.steps.ExportLossLedgerStep;
import io.breakwater.controller.runbook.steps.ExportObjectLedgerStep;
import io.breakwater.controller.runbook.steps.ExportTableLedgerStep;
import io.breakwater.controller.runbook.steps.FenceMirrorStep;
import io.breakwater.controller.runbook.steps.FenceTablesStep;
import io.breakwater.controller.runbook.steps.OpenGateStep;
import io.breakwater.controller.runbook.steps.PointOfNoReturnStep;
import io.breakwater.controller.runbook.steps.PromoteTablesStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.controller.runbook.steps.RestoreJobsStep;
import io.breakwater.controller.runbook.steps.RewindTablesStep;
import io.breakwater.controller.runbook.steps.RouteStep;
import io.breakwater.controller.runbook.steps.SelectRecoveryPointStep;
import io.breakwater.controller.runbook.steps.TranslateGroupsStep;
import io.breakwater.controller.runbook.steps.VerifyStep;
import io.breakwater.controller.runbook.steps.WaitStep;
import io.breakwater.controller.runbook.steps.WebhookStep;
import io.breakwater.platform.Platform;
import io.breakwater.region.RegionClients;
import java.time.Clock;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The steps that come with Breakwater: one line each. */
final class StandardSteps {

    private StandardSteps() {}

    /** By id. */
    static SortedMap<String, RunbookStep> of(Platform platform, RegionClients clients, Clock clock) {
        RegionFences fences = RegionFences.by(AclClusters.by(clients));
        SortedMap<String, RunbookStep> steps = new TreeMap<>();
        List.of(
                        new AwaitLeaseLapsedStep(fences),
                        new DrainStep(clients),
                        new FenceMirrorStep(clients),
                        new RecordSegmentsStep(clients),
                        new SelectRecoveryPointStep(),
                        new PointOfNoReturnStep(),
                        new TranslateGroupsStep(clients),
                        new PromoteTablesStep(clients, clock),
                        OpenGateStep.pipeline(fences),
                        new RestoreJobsStep(clients),
                        OpenGateStep.ingress(fences),
                        new RouteStep(RouteTargets.of(platform)),
                        VerifyStep.withInstalledVerifiers(clients),
                        new ExportLossLedgerStep(clients),
                        new FenceTablesStep(clients, clock),
                        new ExportTableLedgerStep(clients, clock),
                        new ExportObjectLedgerStep(clients, clock),
                        new RewindTablesStep(clients, clock),
                        new ApprovalStep(),
                        new WaitStep(),
                        new WebhookStep())
                .forEach(step -> steps.put(step.id(), step));
        return steps;
    }
}
