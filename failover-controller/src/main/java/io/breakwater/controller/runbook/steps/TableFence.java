package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.S3Dialect;
import io.breakwater.region.BucketPolicies;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.FenceCommit;
import io.breakwater.region.fork.PolicyFence;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The fences of a group's tables and prefixes in one region: all up, or all lifted. Prefixes have no log that could end:
 * of them only the policies of buckets hold writers off.
 */
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
     * @param denied buckets whose policy denies writes to the tables and prefixes too
     * @param open prefixes that no policy guards: whoever writes there still can
     */
    public record Result(
            List<Fenced> fenced, List<String> absent, List<String> failed, List<String> denied, List<ObjectUri> open) {
        public Result {
            fenced = List.copyOf(fenced);
            absent = List.copyOf(absent);
            failed = List.copyOf(failed);
            denied = List.copyOf(denied);
            open = List.copyOf(open);
        }
    }

    Result raise(Epoch epoch, String operation) {
        FenceCommit fence = new FenceCommit(epoch, operation);
        return each(
                tables -> deny(tables, epoch),
                (tables, table) -> fence.fence(tables.store(), table.log(), clock.instant()));
    }

    /** Denies everybody else the tables and prefixes, where the store has policies and its settings name who Breakwater is. */
    private List<String> deny(GroupTables tables, Epoch epoch) {
        Optional<BucketPolicies> policies = tables.store().policies();
        List<String> exempt = platform.region(region)
                .objectStore()
                .dialect()
                .flatMap(S3Dialect::fencePrincipals)
                .orElse(List.of());
        List<ObjectUri> places = places(tables);
        if (policies.isEmpty() || exempt.isEmpty() || places.isEmpty()) {
            return List.of();
        }
        List<String> without = new PolicyFence(policies.get(), group).raise(places, exempt, epoch);
        return places.stream()
                .map(ObjectUri::bucket)
                .distinct()
                .filter(bucket -> !without.contains(bucket))
                .toList();
    }

    /**
     * Lifts fences of epochs before this one, in a region that is the active one in it.
     *
     * @param operation its id, or another word for what lifts them
     * @return which could not be lifted, with reasons; empty if no table is fenced any more
     */
    public List<String> lift(Epoch epoch, String operation) {
        FenceCommit lift = new FenceCommit(epoch, operation);
        return each(
                        tables -> allow(tables, epoch),
                        (tables, table) -> lift.lift(tables.store(), table.log(), clock.instant()))
                .failed();
    }

    private List<String> allow(GroupTables tables, Epoch epoch) {
        tables.store().policies().ifPresent(policies -> new PolicyFence(policies, group).lift(places(tables), epoch));
        return List.of();
    }

    /** Of {@link #lift}, what concerns the policies of buckets alone. Fails with ObjectStoreException. */
    void liftPolicies(Epoch epoch) {
        if (clients.objectStore(region).policies().isPresent()) {
            allow(GroupTables.of(platform, clients, group, region), epoch);
        }
    }

    private List<ObjectUri> places(GroupTables tables) {
        List<ObjectUri> places = new ArrayList<>(tables.roots());
        places.addAll(prefixes());
        return places;
    }

    private List<ObjectUri> prefixes() {
        ObjectStoreSite site = platform.region(region).objectStore();
        return platform.group(group).assets(AssetSpec.S3_PREFIX).stream()
                .map(spec -> ObjectUri.parse(site.locate(spec.required("prefix"))))
                .toList();
    }

    private interface Change {
        FenceCommit.Outcome of(GroupTables tables, GroupTables.Table table);
    }

    private Result each(Function<GroupTables, List<String>> first, Change change) {
        List<String> denied = new ArrayList<>();
        List<Fenced> fenced = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        List<String> failed = new ArrayList<>();
        try {
            GroupTables tables = GroupTables.of(platform, clients, group, region);
            denied.addAll(first.apply(tables));
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
        List<ObjectUri> open = prefixes().stream()
                .filter(prefix -> !denied.contains(prefix.bucket()))
                .toList();
        return new Result(fenced, absent, failed, denied, open);
    }
}
