package io.breakwater.controller.signal;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.Region;
import io.breakwater.platform.RegionSignals;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.S3ObjectStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The signals that come with Breakwater, for each region of a platform. */
public final class StandardSignals {

    private StandardSignals() {}

    /**
     * What signals look at besides the regions themselves.
     *
     * @param receipts the newest ones of all regions
     * @param alerts what Alertmanager told this node
     */
    public record Sources(Supplier<List<Receipt>> receipts, AlertBoard alerts, Clock clock) {}

    /**
     * @param node this node's id
     * @throws InvalidPlatformException if a region has no bucket for Breakwater
     */
    public static Map<String, List<HealthSignal>> of(
            Platform platform, String node, Sources sources, ProbeSettings settings) {
        Map<String, List<HealthSignal>> signals = new TreeMap<>();
        platform.regions().forEach((name, region) -> signals.put(name, of(name, region, node, sources, settings)));
        return signals;
    }

    private static List<HealthSignal> of(
            String name, Region region, String node, Sources sources, ProbeSettings settings) {
        String bucket = region.objectStore().buckets().get(ObjectStoreSignal.BUCKET);
        if (bucket == null) {
            throw new InvalidPlatformException(List.of("regions." + name + ".objectStore.buckets."
                    + ObjectStoreSignal.BUCKET + ": Breakwater needs a bucket of its own"));
        }
        RegionSignals watched = region.watched();
        FlinkRest flink = new FlinkRest(region.flink().url(), settings.limit());
        KafkaProbeAdmin kafka = new KafkaProbeAdmin(region.kafka(), settings.limit());
        List<HealthSignal> signals = new ArrayList<>(List.of(
                new KafkaSignal(region.kafka(), settings.limit()),
                new KafkaCanarySignal(region.kafka(), settings.limit(), node),
                new KafkaBrokersSignal(kafka),
                new KafkaReplicasSignal(kafka),
                new ObjectStoreSignal(S3ObjectStore.connect(region.objectStore(), settings.limit()), bucket, node),
                new FlinkSignal(flink),
                new FlinkJobsSignal(flink, watched.checkpointAge(), sources.clock()),
                new ConnectSignal(new ConnectRest(region.connect().url(), settings.limit())),
                new ReplicationLagSignal(name, sources.receipts(), watched.maxLag(), sources.clock())));
        region.connect().workers().ifPresent(workers -> signals.add(new ConnectWorkersSignal(name, workers, kafka)));
        watched.promql().forEach(query -> signals.add(new PromqlSignal(query, settings.limit())));
        watched.alerts()
                .ifPresent(source -> source.components()
                        .forEach(component -> signals.add(new AlertSignal(sources.alerts(), source, component))));
        return signals;
    }
}
