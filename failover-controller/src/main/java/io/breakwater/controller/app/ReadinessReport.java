package io.breakwater.controller.app;

import io.breakwater.controller.core.Readiness;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads from the receipts whether a group's standby could take over. */
final class ReadinessReport {

    /** Silence for two repetitions and a bit means trouble. */
    static final Duration SILENCE = Duration.ofSeconds(2 * Receipt.REPEAT_SECONDS + 15L);

    private ReadinessReport() {}

    /**
     * @param receipts of the standby, each asset's oldest first
     * @param downSince the beginning of the votes of DOWN for the source that stand: from then on silence is expected
     */
    static Readiness of(
            String name,
            ProtectionGroup group,
            Flow flow,
            List<Receipt> receipts,
            Instant now,
            Optional<Instant> downSince) {
        Map<AssetId, Receipt> last = new LinkedHashMap<>();
        receipts.stream()
                .filter(receipt ->
                        receipt.group().equals(name) && receipt.flow().equals(flow))
                .forEach(receipt -> last.put(receipt.asset(), receipt));
        List<AssetId> required = required(group);
        List<String> notReady = new ArrayList<>();
        required.stream()
                .filter(asset -> !last.containsKey(asset))
                .forEach(asset -> notReady.add(asset + " has no receipt"));
        List<Receipt> topics = last.values().stream()
                .filter(receipt -> receipt.asset().kind().equals(AssetSpec.KAFKA_TOPIC))
                .toList();
        if (topics.isEmpty() && !group.assets(AssetSpec.KAFKA_TOPIC).isEmpty()) {
            notReady.add("no topic has a receipt");
        }
        Instant from = downSince.orElse(now).minus(SILENCE);
        last.values().stream()
                .filter(receipt -> receipt.publishedAt().isBefore(from))
                // A group that has lost all its positions is announced once more, and then no longer.
                .filter(receipt -> !receipt.asset().kind().equals(AssetSpec.CONSUMER_GROUP)
                        || !receipt.position().committed().ends().isEmpty())
                .forEach(receipt -> notReady.add(receipt.asset() + " was last announced at " + receipt.publishedAt()));
        blocking(name, flow, receipts, downSince.orElse(now)).forEach(alarm -> notReady.add(alarm.message()));
        Optional<RecoveryPoint> point = RecoveryPoint.newest(name, flow, required, receipts);
        if (point.isEmpty() && notReady.isEmpty()) {
            notReady.add("no position of each asset is covered by the topics' positions yet");
        }
        Optional<Duration> lag = topics.stream()
                .map(topic -> topic.position().sourceTime())
                .min(Instant::compareTo)
                .map(oldest -> Duration.between(oldest, now))
                .map(duration -> duration.isNegative() ? Duration.ZERO : duration);
        Optional<Instant> through =
                topics.stream().map(topic -> topic.position().sourceTime()).max(Instant::compareTo);
        return new Readiness(now, point, lag, through, notReady);
    }

    /** A source that is down makes its flows fail: what they report from then on says nothing of the standby. */
    private static Stream<Alarm> blocking(String name, Flow flow, List<Receipt> receipts, Instant until) {
        Map<AssetId, MirrorHealth> last = new LinkedHashMap<>();
        receipts.stream()
                .filter(receipt -> receipt.group().equals(name)
                        && receipt.flow().equals(flow)
                        && !receipt.position().sourceTime().isAfter(until))
                .forEach(receipt -> receipt.health().ifPresent(health -> last.put(receipt.asset(), health)));
        return last.values().stream()
                .flatMap(health -> health.alarms().stream())
                .filter(Alarm::blocking);
    }

    /** Assets that the platform file names one by one; those of patterns are found. */
    private static List<AssetId> required(ProtectionGroup group) {
        return group.assets().stream()
                .flatMap(asset -> asset.setting("name").map(n -> new AssetId(asset.kind(), n)).stream())
                .toList();
    }
}
