package io.breakwater.region;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** An object, or a prefix of objects, in a bucket. Written {@code s3://bucket/key}; the key is not URL-encoded. */
public record ObjectUri(String bucket, String key) {

    /** @throws IllegalArgumentException if the text is not {@code s3://bucket/key} (or {@code s3a://}) */
    @JsonCreator
    public static ObjectUri parse(String text) {
        String rest = text.replaceFirst("^s3a?://", "");
        int slash = rest.indexOf('/');
        if (rest.length() == text.length() || slash < 1) {
            throw new IllegalArgumentException("'" + text + "': expected s3://bucket/key");
        }
        return new ObjectUri(rest.substring(0, slash), rest.substring(slash + 1));
    }

    /** This place with a further path below it. */
    public ObjectUri resolve(String path) {
        return new ObjectUri(bucket, key.isEmpty() || key.endsWith("/") ? key + path : key + "/" + path);
    }

    @JsonValue
    @Override
    public String toString() {
        return "s3://" + bucket + "/" + key;
    }
}
