package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.StepContext;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.CommonAncestor;
import io.breakwater.region.fork.DivergedLog;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Where the tables of the region that was left have gone their own way, by what their promotion has recorded. */
final class TableForks {

    private final GroupTables left;
    private final GroupTables promoted;
    private final Map<String, PromotedTable> claims;
    private final StepContext context;

    private TableForks(StepContext context, GroupTables left, GroupTables promoted, Map<String, PromotedTable> claims) {
        this.context = context;
        this.left = left;
        this.promoted = promoted;
        this.claims = claims;
    }

    /** @throws io.breakwater.region.ObjectStoreException if a store is asked and does not answer */
    static TableForks of(StepContext context, RegionClients clients) {
        Map<String, PromotedTable> claims =
                context
                        .findDetail(PromoteTablesStep.ID, PromotedTable.All.class)
                        .map(PromotedTable.All::tables)
                        .stream()
                        .flatMap(tables -> tables.stream())
                        .collect(Collectors.toMap(PromotedTable::table, Function.identity()));
        return new TableForks(
                context,
                GroupTables.of(
                        context.platform(),
                        clients,
                        context.group(),
                        context.flow().from()),
                GroupTables.of(
                        context.platform(),
                        clients,
                        context.group(),
                        context.flow().to()),
                claims);
    }

    GroupTables left() {
        return left;
    }

    /** Whether the promoted region has claimed the table; one that was never replicated it has not. */
    boolean isClaimed(GroupTables.Table table) {
        return claims.containsKey(table.name());
    }

    /** Of a table that is claimed. */
    CommonAncestor ancestor(GroupTables.Table table) {
        PromotedTable claim = claims.get(table.name());
        if (claim == null) {
            return new CommonAncestor.Unknown("it was not promoted");
        }
        DeltaLogFiles log = new DeltaLogFiles(promoted.store(), claim.location());
        return CommonAncestor.find(table.log(), log, claim.promotedVersion());
    }

    DivergedLog diverged(GroupTables.Table table, CommonAncestor.At ancestor) {
        return new DivergedLog(left.store(), table.log(), context.epoch(), ancestor);
    }
}
