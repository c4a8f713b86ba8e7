package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.CommonAncestor;
import io.breakwater.region.fork.KeptLog;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the tables of the region that was left followers of the promoted region's: what they have beyond the common
 * ancestor is moved aside, and their next version is the promotion. Needs {@link ExportTableLedgerStep} done.
 */
public final class RewindTablesStep implements RunbookStep {

    public static final String ID = "rewind-tables";

    private final RegionClients clients;
    private final Clock clock;

    /**
     * @param ancestor the last version that was left in the log, before the promoted region's claim
     * @param aside how many log files were moved to {@code kept}
     */
    private record Rewound(String table, long ancestor, int aside, ObjectUri kept) {}

    /** @param untouched tables that the promoted region has never had: they stay fenced */
    private record Detail(List<Rewound> tables, List<String> untouched) {}

    public RewindTablesStep(RegionClients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "moves aside what tables " + preview.assets(AssetSpec.DELTA_TABLE) + " in "
                + preview.flow().from() + " have beyond the common ancestor, so that they follow "
                + preview.flow().to();
    }

    @Override
    public StepOutcome run(StepContext context) {
        List<Rewound> rewound = new ArrayList<>();
        List<String> untouched = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        try {
            TableForks forks = TableForks.of(context, clients);
            for (GroupTables.Table table : forks.left().tables()) {
                CommonAncestor ancestor = forks.ancestor(table);
                if (!forks.isClaimed(table)) {
                    untouched.add(table.name());
                } else if (ancestor instanceof CommonAncestor.At at) {
                    KeptLog kept = forks.diverged(table, at).rewind(clock.instant());
                    rewound.add(new Rewound(
                            table.name(),
                            at.version(),
                            kept.files().size(),
                            KeptLog.folder(table.log().table(), kept.epoch())));
                } else if (ancestor instanceof CommonAncestor.Unknown unknown) {
                    failed.add("table " + table.name() + ": " + unknown.reason());
                }
            }
        } catch (ObjectStoreException | IllegalStateException e) {
            failed.add("region " + context.flow().from() + ": " + e.getMessage());
        }
        return failed.isEmpty()
                ? StepOutcome.done(new Detail(rewound, untouched))
                : new StepOutcome.Failed(String.join("; ", failed));
    }
}
