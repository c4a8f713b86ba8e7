package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.region.RegionClients;
import java.time.Clock;

/**
 * Ends the group's tables in the region that is left, whoever writes there: a fence after the newest version of each.
 * What its writers had committed before is found by the steps after it. Prefixes are closed where the store has policies;
 * the detail names those that stay open.
 *
 * <p>Invariant: when it is done, no correct writer adds a version to a table of that region in this epoch.
 */
public final class FenceTablesStep implements RunbookStep {

    public static final String ID = "fence-tables";

    private final RegionClients clients;
    private final Clock clock;

    public FenceTablesStep(RegionClients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "ends tables " + preview.assets(AssetSpec.DELTA_TABLE) + " in "
                + preview.flow().from() + ": nobody adds a version there; closes prefixes "
                + preview.assets(AssetSpec.S3_PREFIX) + " where the store has bucket policies";
    }

    @Override
    public StepOutcome run(StepContext context) {
        TableFence.Result result = new TableFence(
                        context.platform(),
                        clients,
                        context.group(),
                        context.flow().from(),
                        clock)
                .raise(context.epoch(), context.operation().id());
        return result.failed().isEmpty()
                ? StepOutcome.done(result)
                : new StepOutcome.Failed(String.join("; ", result.failed()));
    }
}
