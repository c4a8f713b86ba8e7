package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Selects the newest recovery point: from the receipts, and from the ends of the fenced mirror's segments, which may
 * be past the last receipt of a topic. It reads and writes nothing outside of the controller. Its detail is the
 * {@link RecoveryPoint}.
 */
public final class SelectRecoveryPointStep implements RunbookStep {

    public static final String ID = "select-recovery-point";

    private static final String SEGMENTS = "record-segments";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public String preview(Preview preview) {
        return "takes the newest recovery point in " + preview.flow().to() + ": "
                + preview.groupState()
                        .readiness()
                        .flatMap(Readiness::recoveryPoint)
                        .map(point -> "now that of " + point.sourceTime())
                        .orElse("there is NONE now, it would fail");
    }

    @Override
    public StepOutcome run(StepContext context) {
        List<Receipt> receipts = new ArrayList<>(context.receipts().stream()
                .filter(receipt -> receipt.group().equals(context.group())
                        && receipt.flow().equals(context.flow()))
                .toList());
        receipts.addAll(ends(context, receipts));
        List<AssetId> required = required(context.platform().group(context.group()));
        return RecoveryPoint.newest(context.group(), context.flow(), required, receipts)
                .<StepOutcome>map(StepOutcome::done)
                .orElseGet(() -> new StepOutcome.Failed(whyNone(context, required, receipts)));
    }

    /** Jobs and prefixes are named in the platform file, tables may be; topics, groups and other tables are whatever was found. */
    private static List<AssetId> required(ProtectionGroup group) {
        return Stream.of(AssetSpec.DELTA_TABLE, AssetSpec.FLINK_JOB, AssetSpec.S3_PREFIX)
                .flatMap(kind -> group.assets(kind).stream())
                .flatMap(spec -> spec.setting("name").map(name -> new AssetId(spec.kind(), name)).stream())
                .toList();
    }

    /** A receipt for each mirrored topic that says how far it came in the end. */
    private static List<Receipt> ends(StepContext context, List<Receipt> receipts) {
        SortedMap<String, SortedMap<PartitionKey, Long>> byTopic = new TreeMap<>();
        SortedMap<String, Instant> times = new TreeMap<>();
        context.detail(SEGMENTS, Segments.class).partitions().forEach((partition, segment) -> {
            byTopic.computeIfAbsent(partition.topic(), t -> new TreeMap<>()).put(partition, segment.sourceEnd());
            segment.lastTimestamp()
                    .ifPresent(time -> times.merge(partition.topic(), time, (a, b) -> a.isBefore(b) ? a : b));
        });
        List<Receipt> ends = new ArrayList<>();
        byTopic.forEach((topic, segmentEnds) -> {
            AssetId asset = new AssetId(AssetSpec.KAFKA_TOPIC, topic);
            Optional<ReplicaPosition> announced = receipts.stream()
                    .filter(receipt -> receipt.asset().equals(asset))
                    .map(Receipt::position)
                    .reduce((older, newer) -> newer);
            OffsetVector through =
                    furthest(announced.map(ReplicaPosition::through).orElse(OffsetVector.EMPTY), segmentEnds);
            Instant time = Stream.concat(
                            announced.map(ReplicaPosition::sourceTime).stream(),
                            Optional.ofNullable(times.get(topic)).stream())
                    .max(Comparator.naturalOrder())
                    .orElse(Instant.EPOCH);
            ends.add(new Receipt(
                    context.group(),
                    asset,
                    context.flow(),
                    ReplicaPosition.ofTopic(time, through),
                    context.operation().decidedAt()));
        });
        return ends;
    }

    private static OffsetVector furthest(OffsetVector announced, SortedMap<PartitionKey, Long> segmentEnds) {
        SortedMap<PartitionKey, Long> ends = new TreeMap<>(announced.ends());
        segmentEnds.forEach((partition, end) -> ends.merge(partition, end, Math::max));
        return new OffsetVector(ends);
    }

    private static String whyNone(StepContext context, List<AssetId> required, List<Receipt> receipts) {
        OffsetVector cut = receipts.stream()
                .filter(receipt -> receipt.asset().kind().equals(AssetSpec.KAFKA_TOPIC))
                .map(receipt -> receipt.position().through())
                .reduce(OffsetVector.EMPTY, OffsetVector::with);
        List<String> reasons = new ArrayList<>();
        if (receipts.isEmpty()) {
            reasons.add("nothing of the group was ever announced in "
                    + context.flow().to());
        }
        for (AssetId asset : required) {
            List<ReplicaPosition> positions = receipts.stream()
                    .filter(receipt -> receipt.asset().equals(asset))
                    .map(Receipt::position)
                    .toList();
            if (positions.isEmpty()) {
                reasons.add(asset + " was never announced");
            } else if (positions.stream().noneMatch(position -> RecoveryPoint.isCovered(position, cut))) {
                reasons.add("no announced position of " + asset + " is covered by the mirrored topics: its oldest has "
                        + positions.get(0).inputs()
                        + positions
                                .get(0)
                                .outputs()
                                .map(outputs -> ", derived outputs up to " + outputs.gates())
                                .orElse("")
                        + ", the topics " + cut);
            }
        }
        return "no recovery point of group " + context.group() + " in flow " + context.flow() + ": "
                + String.join("; ", reasons);
    }
}
