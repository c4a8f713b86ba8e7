package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.StepRun;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.RegionClients;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;

/**
 * Holds what was promoted against what the recovery point said, with the verifiers of each kind of asset and without
 * the region that was left. It is the last step and changes nothing: a group that serves goes on serving, and a
 * mismatch is a result, named in the detail and thereby in the evidence. What could not be looked at is tried
 * again a few times.
 */
public final class VerifyStep implements RunbookStep {

    public static final String ID = "verify";

    private static final String RECOVERY_POINT = "select-recovery-point";

    /** After so many runs, what could not be looked at is reported as that. */
    private static final int RUNS = 3;

    private final RegionClients clients;
    private final Map<String, AssetVerifier> verifiers = new TreeMap<>();

    /** One result; figures of a verified one are kept, differences of another. */
    private record Check(String asset, String outcome, Object what) {}

    /**
     * @param passed whether everything was verified
     * @param failed what is not as the recovery point said
     * @param open what could not be looked at
     */
    private record Detail(boolean passed, List<String> failed, List<String> open, List<Check> checks) {}

    /** What one run found. */
    private static final class Findings {
        private final List<Check> checks = new ArrayList<>();
        private final List<String> failed = new ArrayList<>();
        private final List<String> open = new ArrayList<>();

        void add(String asset, VerificationResult result) {
            if (result instanceof VerificationResult.Verified verified) {
                checks.add(new Check(asset, "verified", verified.figures()));
            } else if (result instanceof VerificationResult.Mismatch mismatch) {
                checks.add(new Check(asset, "mismatch", mismatch.differences()));
                failed.add(asset);
            } else if (result instanceof VerificationResult.Unverifiable unverifiable) {
                checks.add(new Check(asset, "unverifiable", unverifiable.reason()));
                open.add(asset + ": " + unverifiable.reason());
            }
        }

        Detail detail() {
            return new Detail(failed.isEmpty() && open.isEmpty(), failed, open, checks);
        }
    }

    public VerifyStep(RegionClients clients, Collection<AssetVerifier> verifiers) {
        this.clients = clients;
        verifiers.forEach(verifier -> this.verifiers.put(verifier.kind(), verifier));
    }

    /** With every verifier on the class path. */
    public static VerifyStep withInstalledVerifiers(RegionClients clients) {
        return new VerifyStep(
                clients,
                ServiceLoader.load(AssetVerifier.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .toList());
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "holds what was promoted in " + preview.flow().to() + " against the recovery point, with verifiers of "
                + verifiers.keySet() + "; changes nothing";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        RecoveryPoint point = context.detail(RECOVERY_POINT, RecoveryPoint.class);
        Findings findings = new Findings();
        for (Map.Entry<AssetId, ReplicaPosition> entry : point.positions().entrySet()) {
            findings.add(entry.getKey().toString(), verify(context, entry.getKey(), entry.getValue()));
        }
        Optional<Segments> segments = context.findDetail(RecordSegmentsStep.ID, Segments.class);
        if (segments.isPresent()) {
            findings.add(
                    "segments",
                    SegmentEnds.verify(
                            segments.get(), clients.kafka(context.flow().to())));
        }
        int runs = context.operation().step(ID).map(StepRun::attempts).orElse(RUNS);
        if (!findings.open.isEmpty() && runs < RUNS) {
            return new StepOutcome.Failed("could not be looked at: " + String.join("; ", findings.open));
        }
        return StepOutcome.done(findings.detail());
    }

    private VerificationResult verify(StepContext context, AssetId asset, ReplicaPosition position)
            throws InterruptedException {
        AssetVerifier verifier = verifiers.get(asset.kind());
        Optional<AssetSpec> spec = context.platform().group(context.group()).assets(asset.kind()).stream()
                .filter(s -> names(s, asset))
                .findFirst();
        if (verifier == null || spec.isEmpty()) {
            return new VerificationResult.Unverifiable(
                    verifier == null
                            ? "no verifier of kind " + asset.kind() + " is installed"
                            : "the platform file no longer has it");
        }
        return verifier.verify(new VerificationRequest(
                context.platform(), clients, context.group(), context.flow(), asset, spec.get(), position, false));
    }

    private static boolean names(AssetSpec spec, AssetId asset) {
        return spec.setting("name").map(asset.name()::equals).orElse(false)
                || spec.setting("pattern").map(asset.name()::matches).orElse(false);
    }
}
