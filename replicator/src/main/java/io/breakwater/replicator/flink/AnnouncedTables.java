package io.breakwater.replicator.flink;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Receipt;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.FlowConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Tables by their logs on the source, and by the receipts of the flow's own table mirror on the standby. A version that
 * is in the replica's log is not enough: while a mirror crosses a gap, or before a replica that was written to itself is
 * taken back, it is another one than the source's. For one thread.
 */
final class AnnouncedTables implements TableCoverage, AutoCloseable {

    /** A mirror that works has announced each of its tables in this time. */
    private static final Duration BACK = Duration.ofSeconds(2 * Receipt.REPEAT_SECONDS);

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final TopicPartition PARTITION = new TopicPartition(Receipt.TOPIC, 0);

    private final SortedMap<String, DeltaLogFiles> logs = new TreeMap<>();

    /** The tables by the keys of their receipts. */
    private final Map<String, String> keys = new HashMap<>();

    private final Map<String, Long> announced = new HashMap<>();
    private final KafkaConsumer<byte[], byte[]> receipts;
    private boolean begun;

    /** @param source store of the region that is read; stays the caller's to close */
    AnnouncedTables(FlowConfig config, JobTables tables, ObjectStore source) {
        tables.paths().forEach((name, path) -> {
            ObjectUri place = ObjectUri.parse(config.from().objectStore().locate(path));
            logs.put(name, new DeltaLogFiles(source, place));
            AssetId asset = new AssetId(AssetSpec.DELTA_TABLE, name);
            keys.put(Receipt.key(config.groupName(), asset, config.flow()), name);
        });
        Map<String, Object> settings = KafkaSettings.mirror(config.to().kafka());
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.toIntExact(LIMIT.toMillis()));
        this.receipts = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public SortedMap<String, Long> newestVersions() {
        SortedMap<String, Long> newest = new TreeMap<>();
        logs.forEach((name, log) -> {
            OptionalLong version = log.newestVersion();
            if (version.isPresent()) {
                newest.put(name, version.getAsLong());
            }
        });
        return newest;
    }

    @Override
    public Optional<String> notReplicated(SortedMap<String, Long> versions) {
        if (!versions.isEmpty()) {
            readOn();
        }
        return versions.entrySet().stream()
                .filter(wanted -> announced.getOrDefault(wanted.getKey(), -1L) < wanted.getValue())
                .findFirst()
                .map(wanted -> "version " + wanted.getValue() + " of table " + wanted.getKey() + " is needed, and "
                        + Optional.ofNullable(announced.get(wanted.getKey()))
                                .map(version -> "version " + version + " is on the standby")
                                .orElse("none was announced on " + Receipt.TOPIC));
    }

    /** Up to the end of the topic as it is now, or for {@link #LIMIT}: the next call goes on there. */
    private void readOn() {
        if (!begun) {
            receipts.assign(List.of(PARTITION));
            OffsetAndTimestamp from = receipts.offsetsForTimes(
                            Map.of(PARTITION, Instant.now().minus(BACK).toEpochMilli()))
                    .get(PARTITION);
            if (from == null) {
                receipts.seekToEnd(List.of(PARTITION));
            } else {
                receipts.seek(PARTITION, from.offset());
            }
            begun = true;
        }
        long end = receipts.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
        Instant deadline = Instant.now().plus(LIMIT);
        while (receipts.position(PARTITION) < end && Instant.now().isBefore(deadline)) {
            for (ConsumerRecord<byte[], byte[]> message : receipts.poll(POLL)) {
                take(message);
            }
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> message) {
        String table = message.key() == null ? null : keys.get(new String(message.key(), StandardCharsets.UTF_8));
        if (table != null && message.value() != null) {
            Receipt.fromJson(message.value())
                    .position()
                    .version()
                    .ifPresent(version -> announced.put(table, Long.parseLong(version)));
        }
    }

    @Override
    public void close() {
        receipts.close();
    }
}
