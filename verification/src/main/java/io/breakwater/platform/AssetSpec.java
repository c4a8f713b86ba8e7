package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An asset, or a pattern of assets, as the platform file names it: its kind and the settings of that kind.
 * Kinds are an open set; the module that brings a kind checks its settings.
 */
public record AssetSpec(String kind, SortedMap<String, String> settings) {

    public static final String KAFKA_TOPIC = "kafka-topic";
    public static final String CONSUMER_GROUP = "consumer-group";
    public static final String DELTA_TABLE = "delta-table";
    public static final String FLINK_JOB = "flink-job";

    /** Objects below a prefix of a bucket, each of which is written once. */
    public static final String S3_PREFIX = "s3-prefix";

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static AssetSpec of(Map<String, Object> yaml) {
        SortedMap<String, String> settings = new TreeMap<>();
        flatten("", yaml, settings);
        String kind = settings.remove("kind");
        if (kind == null) {
            throw new InvalidPlatformException(List.of("assets: an asset needs a kind"));
        }
        return new AssetSpec(kind, settings);
    }

    private static void flatten(String prefix, Map<?, ?> yaml, SortedMap<String, String> into) {
        yaml.forEach((key, value) -> {
            if (value instanceof Map<?, ?> nested) {
                flatten(prefix + key + ".", nested, into);
            } else if (value == null) {
                throw new InvalidPlatformException(List.of("assets: '" + prefix + key + "' has no value"));
            } else {
                into.put(prefix + key, String.valueOf(value));
            }
        });
    }

    public Optional<String> setting(String name) {
        return Optional.ofNullable(settings.get(name));
    }

    /** @throws InvalidPlatformException if it is not set */
    public String required(String name) {
        return setting(name)
                .orElseThrow(() -> new InvalidPlatformException(
                        List.of("assets: an asset of kind " + kind + " needs '" + name + "'")));
    }
}
