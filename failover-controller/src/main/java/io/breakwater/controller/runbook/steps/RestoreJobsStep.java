package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.JobRestore.Outcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.Region;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restores each Flink job of the group in the promoted region, from the recovery point's savepoint; if that one turns
 * out unusable, from the next older one that was announced, as far back as {@link OlderSnapshots} allows. An older
 * savepoint loses no state: the job reads again what lies between, but writes that output a second time.
 */
public final class RestoreJobsStep implements RunbookStep {

    public static final String ID = "restore-jobs";

    private static final Logger LOG = LoggerFactory.getLogger(RestoreJobsStep.class);

    private static final String RECOVERY_POINT = "select-recovery-point";

    private final RegionClients clients;

    public RestoreJobsStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "starts jobs " + preview.assets(AssetSpec.FLINK_JOB) + " in "
                + preview.flow().to() + " from their snapshots";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        List<RestoredJob> restored = new ArrayList<>();
        for (AssetSpec spec : context.platform().group(context.group()).assets(AssetSpec.FLINK_JOB)) {
            FlinkJobSettings settings = FlinkJobSettings.of(spec);
            List<String> passedOver = new ArrayList<>();
            Optional<RestoredJob> job = restore(context, settings, passedOver);
            if (job.isEmpty()) {
                return new StepOutcome.Failed(
                        "job " + settings.name() + " was not restored: " + String.join("; ", passedOver));
            }
            restored.add(job.get());
        }
        return StepOutcome.done(new RestoredJob.All(restored));
    }

    private Optional<RestoredJob> restore(StepContext context, FlinkJobSettings settings, List<String> passedOver)
            throws InterruptedException {
        RecoveryPoint point = context.detail(RECOVERY_POINT, RecoveryPoint.class);
        ReplicaPosition newest = point.positions().get(settings.id());
        if (newest == null) {
            passedOver.add("no savepoint of it is in the recovery point");
            return Optional.empty();
        }
        OlderSnapshots.Choice older = settings.older().among(newest, older(context, settings, newest));
        List<ReplicaPosition> candidates = new ArrayList<>(List.of(newest));
        candidates.addAll(older.allowed());
        JobRestore restore = new JobRestore(
                clients.flink(context.flow().to()),
                settings.name(),
                context.group() + "|" + settings.name() + "|" + context.epoch(),
                settings.older().within(),
                JobRestore.Purpose.MOVE);
        for (ReplicaPosition position : candidates) {
            Outcome outcome =
                    restore.from(position, jobId -> submit(context, settings, position, jobId), context.deadline());
            if (outcome instanceof Outcome.Proven proven) {
                return Optional.of(restored(settings, position, proven, passedOver, rewritten(context, position)));
            }
            String reason = "snapshot " + position.version().orElse("") + ": " + outcome;
            passedOver.add(reason);
            LOG.warn("job={} not restored, {}", settings.name(), reason);
            if (outcome instanceof Outcome.Undecided) {
                return Optional.empty();
            }
        }
        older.forbidden().ifPresent(passedOver::add);
        return Optional.empty();
    }

    private RestAnswer<String> submit(
            StepContext context, FlinkJobSettings settings, ReplicaPosition position, String jobId)
            throws InterruptedException {
        String region = context.flow().to();
        Region site = context.platform().region(region);
        FlinkRest flink = clients.flink(region);
        ObjectUri jar = ObjectUri.parse(site.objectStore().locate(settings.jar()));
        RestAnswer<String> uploaded = new JobJar(flink, clients.objectStore(region)).uploaded(settings.name(), jar);
        if (uploaded.ifOk().isEmpty()) {
            return uploaded;
        }
        return flink.run(
                uploaded.ifOk().get(),
                settings.submission(
                        region,
                        site.kafka().bootstrap(),
                        context.epoch(),
                        position.location().orElseThrow(),
                        jobId));
    }

    /** Read after the restore: it holds up nothing that a job waits for, and the flow's end is recorded. */
    private RewrittenOutput.Of rewritten(StepContext context, ReplicaPosition position) {
        Optional<Segments> segments = context.findDetail(RecordSegmentsStep.ID, Segments.class);
        if (segments.isEmpty()) {
            return RewrittenOutput.Of.NOTHING;
        }
        SegmentHistory history =
                context.state().group(context.group()).map(GroupState::segments).orElse(SegmentHistory.NONE);
        String region = context.flow().to();
        try {
            return new RewrittenOutput(context.flow(), history, segments.get(), clients.kafka(region)).of(position);
        } catch (KafkaException e) {
            // The job runs, and that counts; the report says that this is missing.
            return RewrittenOutput.Of.unknown("region " + region + " did not tell: " + e.getMessage());
        }
    }

    private static RestoredJob restored(
            FlinkJobSettings settings,
            ReplicaPosition position,
            Outcome.Proven proven,
            List<String> passedOver,
            RewrittenOutput.Of rewritten) {
        return new RestoredJob(
                settings.name(),
                proven.jobId(),
                position.location().orElseThrow(),
                position.version().orElse(""),
                position.sourceTime(),
                proven.submittedAt(),
                proven.restored().at(),
                proven.checkpoint().id(),
                proven.checkpoint().triggered(),
                passedOver,
                rewritten.ranges(),
                rewritten.text(settings.name()));
    }

    /** In the same place: one elsewhere came with an earlier run of the flow, before the group was in the other region. */
    private static boolean isBeside(ReplicaPosition position, ReplicaPosition newest) {
        return position.location()
                .map(RestoreJobsStep::parent)
                .equals(newest.location().map(RestoreJobsStep::parent));
    }

    private static String parent(String location) {
        return location.substring(0, location.lastIndexOf('/') + 1);
    }

    /** Those that were announced before the recovery point's one, newest first. */
    private static List<ReplicaPosition> older(StepContext context, FlinkJobSettings settings, ReplicaPosition newest) {
        return context.receipts().stream()
                .filter(receipt -> receipt.group().equals(context.group())
                        && receipt.flow().equals(context.flow())
                        && receipt.asset().equals(settings.id()))
                .map(Receipt::position)
                .filter(position ->
                        isBeside(position, newest) && position.sourceTime().isBefore(newest.sourceTime()))
                .distinct()
                .sorted(Comparator.comparing(ReplicaPosition::sourceTime).reversed())
                .toList();
    }
}
