package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.fork.DivergedObjects;
import io.breakwater.region.fork.ObjectLedger;
import io.breakwater.region.ledger.LedgerFolder;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lists which objects of its prefixes the region that was left holds alone, and keeps copies of those whose key has
 * another object in the promoted region. It removes and replaces nothing. Objects have no fence in a log: where no
 * bucket policy holds writers off ({@link TableFence}), what they write to a prefix afterwards is in no ledger.
 */
public final class ExportObjectLedgerStep implements RunbookStep {

    public static final String ID = "export-object-ledger";

    private final RegionClients clients;
    private final Clock clock;

    /** @param sha256 of the ledger's bytes, so that the evidence log vouches for it and for the files that it names */
    private record Detail(String ledger, String sha256, long objects, List<ObjectLedger.Prefix> prefixes) {}

    public ExportObjectLedgerStep(RegionClients clients, Clock clock) {
        this.clients = clients;
        this.clock = clock;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "lists the objects of prefixes " + preview.assets(AssetSpec.S3_PREFIX) + " that "
                + preview.flow().from() + " holds alone; removes nothing";
    }

    @Override
    public StepOutcome run(StepContext context) {
        List<AssetSpec> specs = context.platform().group(context.group()).assets(AssetSpec.S3_PREFIX);
        if (specs.isEmpty()) {
            return StepOutcome.done();
        }
        LedgerFolder folder =
                LedgerFolder.of(clients.objectStore(context.flow().to()), ExportLossLedgerStep.folder(context));
        List<ObjectLedger.Prefix> prefixes = new ArrayList<>();
        try {
            for (AssetSpec spec : specs) {
                prefixes.add(ObjectLedger.write(
                        folder,
                        spec.required("name"),
                        location(context, spec, context.flow().from()),
                        diverged(context, spec)));
            }
            ObjectLedger ledger = new ObjectLedger(
                    ObjectLedger.FORMAT_VERSION,
                    context.group(),
                    context.epoch(),
                    clock.instant(),
                    context.flow().from(),
                    prefixes);
            String sha256 = ledger.write(folder);
            return StepOutcome.done(new Detail(
                    folder.locate(ObjectLedger.NAME),
                    sha256,
                    prefixes.stream().mapToLong(ObjectLedger.Prefix::objects).sum(),
                    prefixes));
        } catch (ObjectStoreException | IOException e) {
            return new StepOutcome.Failed(
                    "listing the prefixes of region " + context.flow().from() + ": " + e.getMessage());
        }
    }

    private DivergedObjects diverged(StepContext context, AssetSpec spec) {
        AssetId asset = new AssetId(AssetSpec.S3_PREFIX, spec.required("name"));
        Optional<Instant> recoveredTo = context.findDetail(SelectRecoveryPointStep.ID, RecoveryPoint.class)
                .map(point -> point.positions().get(asset))
                .map(ReplicaPosition::sourceTime);
        return new DivergedObjects(
                side(context, spec, context.flow().from()),
                side(context, spec, context.flow().to()),
                recoveredTo,
                context.epoch());
    }

    private DivergedObjects.Side side(StepContext context, AssetSpec spec, String region) {
        return new DivergedObjects.Side(clients.objectStore(region), location(context, spec, region));
    }

    private static ObjectUri location(StepContext context, AssetSpec spec, String region) {
        return ObjectUri.parse(context.platform().region(region).objectStore().locate(spec.required("prefix")));
    }
}
