package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.platform.WriterInput;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.DeltaTables;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PromotionCommit;
import io.breakwater.region.RegionClients;
import io.breakwater.region.SegmentTranslator;
import io.breakwater.region.fork.FenceCommit;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Claims each Delta table of the group for the promoted region, by a promotion commit after its newest version there.
 * The commit carries the epoch, which shuts out a late mirror, and the positions at which the table's writer goes on
 * in the promoted region's cluster. A table that an earlier run has claimed is left as it is.
 */
public final class PromoteTablesStep implements RunbookStep {

    public static final String ID = "promote-tables";

    private static final String SEGMENTS = "record-segments";
    private static final int ADMIN_SECONDS = 10;

    private final RegionClients clients;
    private final Clock clock;

    public PromoteTablesStep(RegionClients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "commits the promotion to tables " + preview.assets(AssetSpec.DELTA_TABLE) + " in "
                + preview.flow().to();
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        List<AssetSpec> tables = context.platform().group(context.group()).assets(AssetSpec.DELTA_TABLE);
        List<PromotedTable> promoted = new ArrayList<>();
        try {
            new TableFence(
                            context.platform(),
                            clients,
                            context.group(),
                            context.flow().to(),
                            clock)
                    .liftPolicies(context.epoch());
            String clusterId = tables.isEmpty() ? "" : clusterId(context.flow().to());
            ObjectStoreSite site =
                    context.platform().region(context.flow().to()).objectStore();
            for (AssetSpec spec : tables) {
                // Those that are not named are found on this side: what has no replica can't be promoted.
                for (DeltaTables.Table table : DeltaTables.of(
                        spec, site, clients.objectStore(context.flow().to()))) {
                    promoted.add(promote(context, spec, table, clusterId));
                }
            }
        } catch (NotPromotedException | ObjectStoreException | IllegalStateException | KafkaException e) {
            return new StepOutcome.Failed(String.valueOf(e.getMessage()));
        }
        return StepOutcome.done(new PromotedTable.All(promoted));
    }

    private PromotedTable promote(StepContext context, AssetSpec spec, DeltaTables.Table table, String clusterId)
            throws NotPromotedException {
        String name = table.name();
        String region = context.flow().to();
        ObjectStoreSite site = context.platform().region(region).objectStore();
        ObjectStore store = clients.objectStore(region);
        DeltaLogFiles log = new DeltaLogFiles(store, ObjectUri.parse(site.locate(table.path())));
        OptionalLong found = log.newestVersion();
        if (found.isEmpty()) {
            throw new NotPromotedException("table " + name + ": there is no replica at " + log.table());
        }
        long newest = lifted(context, name, store, log, found.getAsLong());
        DeltaCommit commit = commit(log, newest);
        if (commit.marker().filter(marker -> marker.promotes(context.epoch())).isPresent()) {
            return new PromotedTable(
                    name, log.table(), newest - 1, newest, positions(commit.txns(), spec.setting("writer"), clusterId));
        }
        SortedMap<PartitionKey, Long> positions =
                spec.setting("writer").isEmpty() ? new TreeMap<>() : translated(context, spec, name, log, newest);
        PromotionCommit.Outcome outcome = new PromotionCommit(
                        context.epoch(),
                        context.operation().id(),
                        spec.setting("writer").orElse(""),
                        clusterId,
                        positions)
                .write(store, log, newest, clock.instant());
        if (outcome instanceof PromotionCommit.Outcome.Promoted promoted) {
            return new PromotedTable(name, log.table(), newest, promoted.version(), positions);
        }
        // A late mirror may have put one more version in between: it is complete, and the next run takes it in.
        throw new NotPromotedException("table " + name + " at " + log.table() + ": " + outcome);
    }

    /** The newest version, without a fence: a table that the other region has never had may still have one. */
    private long lifted(StepContext context, String name, ObjectStore store, DeltaLogFiles log, long newest)
            throws NotPromotedException {
        if (commit(log, newest).marker().filter(DeltaCommit.Marker::isFence).isEmpty()) {
            return newest;
        }
        FenceCommit.Outcome outcome =
                new FenceCommit(context.epoch(), context.operation().id()).lift(store, log, clock.instant());
        if (outcome instanceof FenceCommit.Outcome.Done done) {
            return done.version();
        }
        throw new NotPromotedException("table " + name + " at " + log.table() + " is fenced: " + outcome);
    }

    /** The writer's positions at the replica's newest version, as offsets of the promoted region's cluster. */
    private SortedMap<PartitionKey, Long> translated(
            StepContext context, AssetSpec spec, String name, DeltaLogFiles log, long newest)
            throws NotPromotedException {
        Optional<String> source = context.detail(SEGMENTS, Segments.class).sourceClusterId();
        if (source.isEmpty()) {
            return new TreeMap<>();
        }
        OffsetVector inputs = inputs(context, spec, name, log, newest, source.get());
        SegmentHistory history =
                context.state().group(context.group()).map(GroupState::segments).orElse(SegmentHistory.NONE);
        try (SegmentTranslator translator = new SegmentTranslator(
                context.flow(), clients.kafka(context.flow().to()), Optional.empty())) {
            return translator.translate(history, source.map(Uuid::fromString), inputs);
        }
    }

    /** What the newest receipt says, and the commits that came after it. */
    private static OffsetVector inputs(
            StepContext context, AssetSpec spec, String name, DeltaLogFiles log, long newest, String sourceCluster)
            throws NotPromotedException {
        ReplicaPosition announced = context.receipts().stream()
                .filter(receipt -> receipt.group().equals(context.group())
                        && receipt.flow().equals(context.flow())
                        && receipt.asset().equals(new AssetId(AssetSpec.DELTA_TABLE, name)))
                .map(Receipt::position)
                .reduce((older, newer) -> newer)
                .orElseThrow(() -> new NotPromotedException(
                        "table " + name + " was never announced: what its writer had read is not known"));
        OffsetVector inputs = announced.inputs();
        long from = Long.parseLong(announced.version().orElseThrow()) + 1;
        for (long version = from; version <= newest; version++) {
            inputs = inputs.with(
                    new OffsetVector(positions(commit(log, version).txns(), spec.setting("writer"), sourceCluster)));
        }
        return inputs;
    }

    private static SortedMap<PartitionKey, Long> positions(
            Map<String, Long> txns, Optional<String> writer, String clusterId) {
        SortedMap<PartitionKey, Long> positions = new TreeMap<>();
        txns.forEach((appId, offset) -> WriterInput.parse(appId)
                .filter(input -> writer.equals(Optional.of(input.writer()))
                        && input.clusterId().equals(clusterId))
                .ifPresent(input -> positions.put(input.partition(), offset)));
        return positions;
    }

    private static DeltaCommit commit(DeltaLogFiles log, long version) throws NotPromotedException {
        CommitContent content = log.content(version)
                .orElseThrow(() -> new NotPromotedException(log.commitFile(version) + " is not there"));
        if (content instanceof CommitContent.Actions actions) {
            return actions.commit();
        }
        throw new NotPromotedException(log.commitFile(version) + ": " + ((CommitContent.Refused) content).detail());
    }

    private String clusterId(String region) throws InterruptedException, NotPromotedException {
        try {
            return clients.admin(region).describeCluster().clusterId().get(ADMIN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new NotPromotedException("region " + region + " did not tell its Kafka cluster id: " + e);
        }
    }

    /** Unwinds a run; the reason becomes its outcome. */
    private static final class NotPromotedException extends Exception {

        private static final long serialVersionUID = 1L;

        NotPromotedException(String reason) {
            super(reason, null, false, false);
        }
    }
}
