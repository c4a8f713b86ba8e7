package io.breakwater.region;

import io.breakwater.platform.Platform;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;

/** One client of each server of each region, opened at first use. Thread-safe. */
public final class RegionClients implements AutoCloseable {

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);

    private final Platform platform;
    private final Duration timeout;
    private final Map<String, ObjectStore> objectStores = new ConcurrentHashMap<>();
    private final Map<String, Admin> admins = new ConcurrentHashMap<>();
    private final Map<String, ConnectRest> connects = new ConcurrentHashMap<>();
    private final Map<String, FlinkRest> flinks = new ConcurrentHashMap<>();

    /** @param timeout of one attempt of one call to an object store */
    public RegionClients(Platform platform, Duration timeout) {
        this.platform = platform;
        this.timeout = timeout;
    }

    /** Shared: the caller does not close it. */
    public ObjectStore objectStore(String region) {
        return objectStores.computeIfAbsent(
                region, r -> S3ObjectStore.connect(platform.region(r).objectStore(), timeout));
    }

    /** As Breakwater itself. Shared: the caller does not close it. */
    public Admin admin(String region) {
        return admins.computeIfAbsent(region, r -> Admin.create(kafka(r)));
    }

    /** Settings of a Kafka client as Breakwater itself; the caller may add to them. */
    public Map<String, Object> kafka(String region) {
        return new HashMap<>(KafkaSettings.breakwater(platform.region(region).kafka()));
    }

    public ConnectRest connect(String region) {
        return connects.computeIfAbsent(
                region, r -> new ConnectRest(platform.region(r).connect().url()));
    }

    public FlinkRest flink(String region) {
        return flinks.computeIfAbsent(
                region, r -> new FlinkRest(platform.region(r).flink().url()));
    }

    @Override
    public void close() {
        admins.values().forEach(admin -> admin.close(CLOSE_WAIT));
        objectStores.values().forEach(ObjectStore::close);
    }
}
