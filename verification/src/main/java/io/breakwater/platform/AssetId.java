package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;

/**
 * One replicated thing: its kind ({@code kafka-topic}, {@code consumer-group}, {@code delta-table}, {@code flink-job},
 * {@code s3-prefix}, an open set) and its name within the kind. Written {@code kind/name}.
 */
public record AssetId(String kind, String name) implements Comparable<AssetId> {

    private static final Comparator<AssetId> ORDER =
            Comparator.comparing(AssetId::kind).thenComparing(AssetId::name);

    public AssetId {
        if (kind.isEmpty() || kind.contains("/") || name.isEmpty()) {
            throw new IllegalArgumentException("asset '" + kind + "/" + name + "': both kind and name are needed");
        }
    }

    /** @throws IllegalArgumentException if the text is not {@code kind/name} */
    @JsonCreator
    public static AssetId parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException("asset '" + text + "': expected kind/name");
        }
        return new AssetId(text.substring(0, slash), text.substring(slash + 1));
    }

    @Override
    public int compareTo(AssetId other) {
        return ORDER.compare(this, other);
    }

    @JsonValue
    @Override
    public String toString() {
        return kind + "/" + name;
    }
}
