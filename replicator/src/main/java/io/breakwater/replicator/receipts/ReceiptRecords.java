package io.breakwater.replicator.receipts;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.Flow;
import io.breakwater.platform.MirrorHealth;
import io.breakwater.platform.OffsetVector;
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
import java.util.Optional;
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
    private static final String MEMORY = "memory";

    private final String group;
    private final Flow flow;
    private final Map<AssetId, Receipt> announced = new LinkedHashMap<>();
    private final Map<AssetId, String> memories = new HashMap<>();

    public ReceiptRecords(String group, Flow flow) {
        this.group = group;
        this.flow = flow;
    }

    /** The record of a position that is to be announced now, whether it is new or not. */
    public SourceRecord announce(AssetId asset, ReplicaPosition position, Instant now) {
        return announce(new Receipt(group, asset, flow, position, now), Optional.empty());
    }

    /**
     * The record of a report on the flow itself.
     *
     * @param memory what {@link #remembered} gives back to the task after a restart, once this record is written
     */
    public SourceRecord report(AssetId reporter, MirrorHealth health, String memory, Instant now) {
        ReplicaPosition position = ReplicaPosition.ofTopic(now, OffsetVector.EMPTY);
        return announce(new Receipt(group, reporter, flow, position, now, Optional.of(health)), Optional.of(memory));
    }

    /** The memory of the last report that was written before the task was started. */
    public Optional<String> remembered(AssetId reporter, OffsetStorageReader stored) {
        return Optional.ofNullable(stored.offset(partition(Receipt.key(group, reporter, flow))))
                .map(offset -> offset.get(MEMORY))
                .map(Object::toString);
    }

    private SourceRecord announce(Receipt receipt, Optional<String> memory) {
        announced.put(receipt.asset(), receipt);
        memory.ifPresent(text -> memories.put(receipt.asset(), text));
        return record(receipt, memory);
    }

    /** The positions announced longest ago again, if it is time. */
    public List<SourceRecord> due(Instant now) {
        List<SourceRecord> records = new ArrayList<>();
        for (Receipt receipt : List.copyOf(announced.values())) {
            if (!now.isBefore(receipt.publishedAt().plus(REPEAT))) {
                Receipt again = new Receipt(group, receipt.asset(), flow, receipt.position(), now, receipt.health());
                records.add(announce(again, Optional.ofNullable(memories.get(receipt.asset()))));
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

    private static SourceRecord record(Receipt receipt, Optional<String> memory) {
        byte[] json = receipt.toJson();
        Map<String, String> offset = new TreeMap<>();
        offset.put(RECEIPT, new String(json, StandardCharsets.UTF_8));
        memory.ifPresent(text -> offset.put(MEMORY, text));
        return new SourceRecord(
                partition(receipt.key()),
                offset,
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
