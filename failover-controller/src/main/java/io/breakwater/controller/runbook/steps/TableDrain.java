package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.StepContext;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.CommonAncestor;
import io.breakwater.region.fork.FenceCommit;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Of a planned operation: waits until the last version of each table of the region that is left is on the other one.
 * Needs {@link FenceTablesStep} done, so that there is a last one.
 */
final class TableDrain {

    private static final long AGAIN_MILLIS = 300;

    private final RegionClients clients;

    TableDrain(RegionClients clients) {
        this.clients = clients;
    }

    /**
     * How far the tables are.
     *
     * @param through by table, its last version, which both regions have
     * @param behind by table, why that can't be said of it
     */
    record Drained(SortedMap<String, Long> through, SortedMap<String, String> behind) {}

    /** Waits until nothing is behind, or the step's time is over. */
    Drained await(StepContext context) throws InterruptedException {
        while (true) {
            Drained drained = look(context);
            if (drained.behind().isEmpty()
                    || Instant.now().plusMillis(AGAIN_MILLIS).isAfter(context.deadline())) {
                return drained;
            }
            Thread.sleep(AGAIN_MILLIS);
        }
    }

    private Drained look(StepContext context) {
        GroupTables left = GroupTables.of(
                context.platform(), clients, context.group(), context.flow().from());
        SortedMap<String, Long> through = new TreeMap<>();
        SortedMap<String, String> behind = new TreeMap<>();
        for (GroupTables.Table table : left.tables()) {
            OptionalLong newest = table.log().newestVersion();
            if (newest.isEmpty()) {
                continue;
            }
            long last = newest.getAsLong();
            while (table.log().commit(last).filter(FenceCommit::isFence).isPresent()) {
                last--;
            }
            if (last == newest.getAsLong()) {
                behind.put(table.name(), "its version " + last + " is no fence: something goes on writing it");
            } else if (last >= 0 && !isThere(context, table, last)) {
                behind.put(table.name(), "its last version " + last + " is not on the other side");
            } else {
                through.put(table.name(), last);
            }
        }
        return new Drained(through, behind);
    }

    private boolean isThere(StepContext context, GroupTables.Table table, long last) {
        String to = context.flow().to();
        ObjectUri root =
                ObjectUri.parse(context.platform().region(to).objectStore().locate(table.path()));
        DeltaLogFiles replica = new DeltaLogFiles(clients.objectStore(to), root);
        return replica.newestVersion().equals(OptionalLong.of(last))
                && CommonAncestor.find(table.log(), replica, last + 1) instanceof CommonAncestor.At;
    }
}
