package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.CommonAncestor;
import io.breakwater.region.fork.DivergedCommit;
import io.breakwater.region.fork.FenceCommit;
import io.breakwater.region.fork.KeptLog;
import io.breakwater.region.fork.TableLedger;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Lists which commits of its tables the region that was left holds alone, and keeps their log files beside each table.
 * It changes no table. Needs {@link FenceTablesStep} done, so that there come no more.
 */
public final class ExportTableLedgerStep implements RunbookStep {

    public static final String ID = "export-table-ledger";

    /** Of each table so many commits are named in the detail; the ledger has all. */
    private static final int NAMED = 1000;

    private final RegionClients clients;
    private final Clock clock;

    /** @param sha256 of the ledger's bytes, so that the evidence log vouches for it */
    private record Detail(String ledger, String sha256, long commits, List<Lost> tables) {}

    /** @param named the first commits of the table */
    private record Lost(
            String table,
            ObjectUri location,
            long ancestor,
            Optional<ObjectUri> kept,
            OptionalLong rows,
            long bytes,
            int commits,
            List<Named> named) {

        static Lost of(TableLedger.Table table) {
            return new Lost(
                    table.table(),
                    table.location(),
                    table.ancestor(),
                    table.kept(),
                    table.rows(),
                    table.bytes(),
                    table.commits().size(),
                    table.commits().stream().limit(NAMED).map(Named::of).toList());
        }
    }

    private record Named(
            long version,
            Instant time,
            Optional<String> operation,
            int added,
            int removed,
            OptionalLong rows,
            long bytes) {

        static Named of(DivergedCommit commit) {
            return new Named(
                    commit.version(),
                    commit.time(),
                    commit.operation(),
                    commit.added().size(),
                    commit.removed().size(),
                    commit.rows(),
                    commit.bytes());
        }
    }

    public ExportTableLedgerStep(RegionClients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "lists the commits of tables " + preview.assets(AssetSpec.DELTA_TABLE) + " that "
                + preview.flow().from() + " holds alone; changes no table";
    }

    @Override
    public StepOutcome run(StepContext context) {
        List<TableLedger.Table> tables = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        try {
            TableForks forks = TableForks.of(context, clients);
            for (GroupTables.Table table : forks.left().tables()) {
                CommonAncestor ancestor = forks.ancestor(table);
                if (!forks.isClaimed(table)) {
                    notReplicated(table).ifPresent(tables::add);
                } else if (ancestor instanceof CommonAncestor.At at) {
                    tables.add(diverged(forks, table, at));
                } else if (ancestor instanceof CommonAncestor.Unknown unknown) {
                    failed.add("table " + table.name() + ": " + unknown.reason());
                }
            }
            return failed.isEmpty()
                    ? write(context, tables)
                    : new StepOutcome.Failed("the region that was left can't be listed: " + String.join("; ", failed));
        } catch (ObjectStoreException | IllegalStateException e) {
            return new StepOutcome.Failed(
                    "listing the tables of region " + context.flow().from() + ": " + e.getMessage());
        }
    }

    private TableLedger.Table diverged(TableForks forks, GroupTables.Table table, CommonAncestor.At ancestor) {
        KeptLog kept = forks.diverged(table, ancestor).keep(clock.instant());
        List<DivergedCommit> commits = new ArrayList<>();
        for (KeptLog.File file : kept.commits()) {
            byte[] bytes = forks.left()
                    .store()
                    .get(file.at())
                    .orElseThrow(() -> new IllegalStateException(
                            file.at() + " is named by the manifest beside it, and is not there"));
            commits.add(DivergedCommit.of(version(file.name()), bytes, file.modified()));
        }
        Optional<ObjectUri> at = commits.isEmpty()
                ? Optional.empty()
                : Optional.of(KeptLog.folder(table.log().table(), kept.epoch()));
        return TableLedger.Table.of(table.name(), table.log().table(), ancestor.version(), at, commits);
    }

    /** A table that the other region has never had: all of it, and it stays where it is. */
    private static Optional<TableLedger.Table> notReplicated(GroupTables.Table table) {
        DeltaLogFiles log = table.log();
        List<DivergedCommit> commits = new ArrayList<>();
        for (LogFile file : log.commitsAfter(-1)) {
            log.commit(file.version())
                    .filter(bytes -> !FenceCommit.isFence(bytes))
                    .ifPresent(bytes -> commits.add(
                            DivergedCommit.of(file.version(), bytes, file.info().lastModified())));
        }
        return commits.isEmpty()
                ? Optional.empty()
                : Optional.of(TableLedger.Table.of(table.name(), log.table(), -1, Optional.empty(), commits));
    }

    private static long version(String name) {
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    private StepOutcome write(StepContext context, List<TableLedger.Table> tables) {
        TableLedger ledger = new TableLedger(
                TableLedger.FORMAT_VERSION,
                context.group(),
                context.epoch(),
                clock.instant(),
                context.flow().from(),
                tables);
        String to = context.flow().to();
        if (tables.isEmpty()) {
            return StepOutcome.done();
        }
        ObjectUri at = ExportLossLedgerStep.folder(context).resolve(TableLedger.NAME);
        String sha256 = ledger.write(clients.objectStore(to), at);
        return StepOutcome.done(new Detail(
                at.toString(),
                sha256,
                tables.stream().mapToLong(table -> table.commits().size()).sum(),
                tables.stream().map(Lost::of).toList()));
    }
}
