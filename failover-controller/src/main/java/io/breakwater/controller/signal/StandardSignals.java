package io.breakwater.controller.signal;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region;
import io.breakwater.region.FlinkRest;
import io.breakwater.region.S3ObjectStore;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The signals that come with Breakwater, for each region of a platform. */
public final class StandardSignals {

    private StandardSignals() {}

    /**
     * @param node this node's id
     * @throws InvalidPlatformException if a region has no bucket for Breakwater
     */
    public static Map<String, List<HealthSignal>> of(Platform platform, String node, ProbeSettings settings) {
        Map<String, List<HealthSignal>> signals = new TreeMap<>();
        platform.regions().forEach((name, region) -> signals.put(name, of(name, region, node, settings)));
        return signals;
    }

    private static List<HealthSignal> of(String name, Region region, String node, ProbeSettings settings) {
        String bucket = region.objectStore().buckets().get(ObjectStoreSignal.BUCKET);
        if (bucket == null) {
            throw new InvalidPlatformException(List.of("regions." + name + ".objectStore.buckets."
                    + ObjectStoreSignal.BUCKET + ": Breakwater needs a bucket of its own"));
        }
        return List.of(
                new KafkaSignal(region.kafka(), settings.limit()),
                new ObjectStoreSignal(S3ObjectStore.connect(region.objectStore(), settings.limit()), bucket, node),
                new FlinkSignal(new FlinkRest(region.flink().url(), settings.limit())));
    }
}
