package io.breakwater.replicator.receipts;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.ReplicaPosition;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.OffsetStorageReader;

/**
 * Makes the records by which a source task announces its assets' positions. An asset's newest position is announced
 * when it is new and again before {@link Receipt#REPEAT_SECONDS} are over, for as long as the task polls. For one
 * thread, the task's.
 *
 * <p>The records need Connect's ByteArrayConverter for keys and values. Their source partition is the asset and their
 * source offset the JSON of the receipt, so that a task can know after a restart what it announced last.
 */
public final class ReceiptRecords {

    /** Well before a reader would call the asset silent. */
    private static final Duration REPEAT = Duration.ofSeconds(Receipt.REPEAT_SECONDS / 2);

    private static final String ASSET = "asset";
    private static final String RECEIPT = "receipt";

    private final String group;
    private final Flow flow;
    private final Map<AssetId, Receipt> announced = new LinkedHashMap<>();

    public ReceiptRecords(String group, Flow flow) {
        this.group = group;
        this.flow = flow;
    }

    /** The record of a position that is to be announced now, whether it is new or not. */
    public SourceRecord announce(AssetId asset, ReplicaPosition position, Instant now) {
        Receipt receipt = new Receipt(group, asset, flow, position, now);
        announced.put(asset, receipt);
        return record(receipt);
    }

    /** The positions announced longest ago again, if it is time. */
    public List<SourceRecord> due(Instant now) {
        List<SourceRecord> records = new ArrayList<>();
        for (Receipt receipt : List.copyOf(announced.values())) {
            if (!now.isBefore(receipt.publishedAt().plus(REPEAT))) {
                records.add(announce(receipt.asset(), receipt.position(), now));
            }
        }
        return records;
    }

    /**
     * What was announced last for assets before this object was made, as far as Connect has kept it.
     *
     * @param before Connect's offsets; asked once for all
     */
    public Map<AssetId, Receipt> before(OffsetStorageReader before, Collection<AssetId> assets) {
        Map<Map<String, String>, AssetId> partitions = new HashMap<>();
        assets.forEach(asset -> partitions.put(partition(Receipt.key(group, asset, flow)), asset));
        Map<AssetId, Receipt> receipts = new TreeMap<>();
        before.offsets(partitions.keySet()).forEach((partition, offset) -> {
            AssetId asset = partitions.get(partition);
            if (asset != null && offset != null && offset.get(RECEIPT) instanceof String json) {
                receipts.put(asset, Receipt.fromJson(json.getBytes(StandardCharsets.UTF_8)));
            }
        });
        return receipts;
    }

    /** Stops repeating what is no longer an asset of the group. */
    public void retain(Collection<AssetId> assets) {
        announced.keySet().retainAll(assets);
    }

    /** Stops repeating a position that is no longer restorable. */
    public void forget(AssetId asset) {
        announced.remove(asset);
    }

    private static SourceRecord record(Receipt receipt) {
        byte[] json = receipt.toJson();
        return new SourceRecord(
                partition(receipt.key()),
                Map.of(RECEIPT, new String(json, StandardCharsets.UTF_8)),
                Receipt.TOPIC,
                0,
                Schema.BYTES_SCHEMA,
                receipt.key().getBytes(StandardCharsets.UTF_8),
                Schema.BYTES_SCHEMA,
                json,
                receipt.publishedAt().toEpochMilli());
    }

    private static Map<String, String> partition(String key) {
        Map<String, String> partition = new TreeMap<>();
        partition.put(ASSET, key);
        return partition;
    }
}
