package io.breakwater.replicator.app;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region;
import io.breakwater.region.KafkaSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.converters.ByteArrayConverter;

/** The settings of a region's Connect worker, with secrets resolved: for the worker only, never to be printed. */
final class WorkerSettings {

    private static final String BROKERS_DEFAULT = "-1";

    private WorkerSettings() {}

    /** @throws InvalidPlatformException if the region's Connect URL is not one a worker can listen at */
    static Map<String, String> of(Platform platform, String regionName) {
        Region region = platform.region(regionName);
        URI url = region.connect().url();
        if (url.getHost() == null || url.getPort() < 1 || !"http".equals(url.getScheme())) {
            throw new InvalidPlatformException(List.of("regions." + regionName + ".connect.url: '" + url
                    + "': expected http://host:port, where this worker listens"));
        }
        Map<String, String> settings = new TreeMap<>();
        putClients(settings, region);
        settings.put("group.id", Region.ConnectCluster.workerGroup(regionName));
        settings.put("listeners", "http://" + url.getHost() + ":" + url.getPort());
        settings.put("rest.advertised.host.name", url.getHost());
        settings.put("rest.advertised.port", String.valueOf(url.getPort()));
        settings.put("plugin.discovery", "service_load");
        settings.put("exactly.once.source.support", "enabled");
        settings.put("connector.client.config.override.policy", "All");
        settings.put("offset.flush.interval.ms", "1000");
        settings.put("scheduled.rebalance.max.delay.ms", "0");
        // A broker that is slow to answer must not end all flows: by default three seconds do.
        settings.put("session.timeout.ms", "20000");
        settings.put("worker.sync.timeout.ms", "10000");
        // Also for headers: the default converter would turn a stamp into text.
        for (String part : List.of("key", "value", "header")) {
            settings.put(part + ".converter", ByteArrayConverter.class.getName());
        }
        putStorage(settings);
        putSecrets(settings);
        return settings;
    }

    private static void putClients(Map<String, String> settings, Region region) {
        KafkaSettings.worker(region.kafka()).forEach((key, value) -> {
            settings.put(key, value.toString());
            if (!key.equals("bootstrap.servers")) {
                List.of("producer.", "consumer.", "admin.")
                        .forEach(client -> settings.put(client + key, value.toString()));
            }
        });
    }

    private static void putStorage(Map<String, String> settings) {
        settings.put("config.storage.topic", "_connect-configs");
        settings.put("offset.storage.topic", Region.ConnectCluster.OFFSETS_TOPIC);
        settings.put("offset.storage.partitions", "5");
        settings.put("status.storage.topic", "_connect-status");
        settings.put("status.storage.partitions", "2");
        for (String kind : List.of("config", "offset", "status")) {
            settings.put(kind + ".storage.replication.factor", BROKERS_DEFAULT);
        }
    }

    private static void putSecrets(Map<String, String> settings) {
        settings.put("config.providers", "file,env");
        for (String kind : List.of("file", "env")) {
            settings.put("config.providers." + kind + ".class", SecretConfigProvider.class.getName());
            settings.put("config.providers." + kind + ".param." + SecretConfigProvider.KIND, kind);
        }
    }
}
