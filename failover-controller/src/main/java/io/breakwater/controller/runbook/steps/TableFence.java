package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Platform;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.FenceCommit;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** The fences of a group's tables in one region: all up, or all lifted. */
public final class TableFence {

    private final Platform platform;
    private final RegionClients clients;
    private final String group;
    private final String region;
    private final Clock clock;

    public TableFence(Platform platform, RegionClients clients, String group, String region, Clock clock) {
        this.platform = platform;
        this.clients = clients;
        this.group = group;
        this.region = region;
        this.clock = clock;
    }

    /**
     * A table that is fenced.
     *
     * @param version of the fence
     */
    public record Fenced(String table, ObjectUri location, long version) {}

    /**
     * What came of it.
     *
     * @param absent tables that the region does not have
     * @param failed what is not as it was asked for, with the reason; a further run goes on
     */
    public record Result(List<Fenced> fenced, List<String> absent, List<String> failed) {
        public Result {
            fenced = List.copyOf(fenced);
            absent = List.copyOf(absent);
            failed = List.copyOf(failed);
        }
    }

    Result raise(Epoch epoch, String operation) {
        FenceCommit fence = new FenceCommit(epoch, operation);
        return each((tables, table) -> fence.fence(tables.store(), table.log(), clock.instant()));
    }

    /**
     * Lifts fences of epochs before this one, in a region that is the active one in it.
     *
     * @param operation its id, or another word for what lifts them
     * @return which could not be lifted, with reasons; empty if no table is fenced any more
     */
    public List<String> lift(Epoch epoch, String operation) {
        FenceCommit lift = new FenceCommit(epoch, operation);
        return each((tables, table) -> lift.lift(tables.store(), table.log(), clock.instant()))
                .failed();
    }

    private interface Change {
        FenceCommit.Outcome of(GroupTables tables, GroupTables.Table table);
    }

    private Result each(Change change) {
        List<Fenced> fenced = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        try {
            GroupTables tables = GroupTables.of(platform, clients, group, region);
            for (GroupTables.Table table : tables.tables()) {
                FenceCommit.Outcome outcome = change.of(tables, table);
                if (outcome instanceof FenceCommit.Outcome.Done done) {
                    fenced.add(new Fenced(table.name(), table.log().table(), done.version()));
                } else if (outcome instanceof FenceCommit.Outcome.NoTable) {
                    absent.add(table.name());
                } else if (outcome instanceof FenceCommit.Outcome.Refused refused) {
                    failed.add("table " + table.name() + ": " + refused.reason());
                }
            }
        } catch (ObjectStoreException | IllegalStateException e) {
            failed.add("region " + region + ": " + e.getMessage());
        }
        return new Result(fenced, absent, failed);
    }
}
