package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;

/**
 * Announces a replica position, on the topic {@link #TOPIC} of the region that holds the replica.
 * Only what is complete and restorable is announced. Each receipt is announced again at least every
 * {@link #REPEAT_SECONDS} seconds, so that a reader needs only the newest part of the topic and silence means trouble.
 *
 * <p>Unknown keys are ignored, so that an older reader lives with a newer replicator.
 *
 * @param publishedAt the clock of the replicator
 * @param health of a report on the flow itself: then the position says no more than when it was made
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Receipt(
        String group,
        AssetId asset,
        Flow flow,
        ReplicaPosition position,
        Instant publishedAt,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<MirrorHealth> health) {

    /** One partition; retention by time. */
    public static final String TOPIC = "breakwater.receipts";

    public static final int REPEAT_SECONDS = 30;

    /** The record key: receipts of one asset in one direction follow each other under it. */
    public String key() {
        return key(group, asset, flow);
    }

    /** The key of the receipts of an asset. */
    public static String key(String group, AssetId asset, Flow flow) {
        return group + "|" + flow + "|" + asset;
    }

    /** Of an asset's position. */
    public Receipt(String group, AssetId asset, Flow flow, ReplicaPosition position, Instant publishedAt) {
        this(group, asset, flow, position, publishedAt, Optional.empty());
    }

    public byte[] toJson() {
        try {
            return Json.MAPPER.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("receipt " + key() + " cannot be written as JSON", e);
        }
    }

    /** @throws IllegalArgumentException if the bytes are not a receipt */
    public static Receipt fromJson(byte[] json) {
        try {
            return Json.MAPPER.readValue(json, Receipt.class);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "not a receipt: "
                            + new String(json, StandardCharsets.UTF_8)
                                    .lines()
                                    .findFirst()
                                    .orElse(""),
                    e);
        }
    }
}
