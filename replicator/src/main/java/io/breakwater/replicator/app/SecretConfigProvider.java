package io.breakwater.replicator.app;

import io.breakwater.platform.Secret;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigData;
import org.apache.kafka.common.config.provider.ConfigProvider;

/**
 * Lets connector configurations carry the platform file's {@link Secret} references: Connect stores and shows the
 * reference, and resolves it here when a connector starts. Registered once for each kind of reference.
 */
public final class SecretConfigProvider implements ConfigProvider {

    /** The parameter that says which kind of reference this one resolves: {@code file} or {@code env}. */
    static final String KIND = "kind";

    private String kind = "";

    @Override
    public void configure(Map<String, ?> parameters) {
        kind = String.valueOf(parameters.get(KIND));
    }

    @Override
    public ConfigData get(String path) {
        return new ConfigData(Map.of());
    }

    /** Connect takes what is before a second colon for a path and the rest for the key; here it is one name. */
    @Override
    public ConfigData get(String path, Set<String> keys) {
        Map<String, String> values = new HashMap<>();
        for (String key : keys) {
            String name = path == null || path.isEmpty() ? key : path + ":" + key;
            values.put(key, Secret.resolve("${" + kind + ":" + name + "}"));
        }
        return new ConfigData(values);
    }

    @Override
    public void close() {
        kind = "";
    }
}
