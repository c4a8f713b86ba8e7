package io.breakwater.region.ledger;

import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Sha256;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.ledger.LedgerManifest.Part;
import io.breakwater.region.ledger.LedgerManifest.Total;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Makes a loss ledger: reads the source's partitions one after the other, committed records only, and puts them into a
 * folder as files of a limited size, so that neither memory nor the local disk grows with a partition. For one thread.
 */
public final class LedgerWriter implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration SILENCE = Duration.ofSeconds(30);
    private static final int ANSWER_MILLIS = 10_000;

    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final LedgerFolder folder;
    private final long fileBytes;

    /**
     * What a ledger is made of.
     *
     * @param segmentEnds by partition of the source, the first offset that did not arrive
     */
    public record Scope(
            Optional<String> group,
            Optional<Long> epoch,
            String targetClusterId,
            SortedMap<PartitionKey, Long> segmentEnds) {}

    /** @param sha256 of the manifest's bytes, in hexadecimal */
    public record Written(LedgerManifest manifest, String location, String sha256) {}

    /** Where a partition begins and ends on the source. */
    private record Extent(long begin, long stable, long end) {}

    /**
     * @param admin of the cluster that holds the records; stays the caller's to close
     * @param settings client settings of the same cluster
     */
    public LedgerWriter(Admin admin, Map<String, Object> settings, LedgerFolder folder) {
        this(admin, settings, folder, LedgerFiles.FILE_BYTES);
    }

    LedgerWriter(Admin admin, Map<String, Object> settings, LedgerFolder folder, long fileBytes) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, IsolationLevel.READ_COMMITTED.toString());
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        this.admin = admin;
        this.consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.folder = folder;
        this.fileBytes = fileBytes;
    }

    /**
     * Writes all files, and the manifest last.
     *
     * @throws org.apache.kafka.common.KafkaException if the source does not answer, or not before the deadline
     * @throws IOException if the folder cannot be written
     */
    public Written write(Scope scope, Instant deadline) throws IOException, InterruptedException {
        String sourceClusterId = KafkaAnswer.await(admin.describeCluster().clusterId(), "id of the source cluster");
        Map<String, Uuid> topicIds = topicIds(scope);
        Map<PartitionKey, Extent> extents = extents(scope);
        List<Part> parts = new ArrayList<>();
        for (Map.Entry<PartitionKey, Long> entry : scope.segmentEnds().entrySet()) {
            PartitionKey key = entry.getKey();
            Extent extent = Objects.requireNonNull(extents.get(key), "every partition was asked for");
            parts.add(part(
                    key,
                    Optional.ofNullable(topicIds.get(key.topic())).map(Uuid::toString),
                    entry.getValue(),
                    extent,
                    deadline));
        }
        LedgerManifest manifest = new LedgerManifest(
                LedgerManifest.FORMAT_VERSION,
                scope.group(),
                scope.epoch(),
                Instant.now(),
                sourceClusterId,
                scope.targetClusterId(),
                parts,
                Total.of(parts));
        return finish(manifest);
    }

    private Written finish(LedgerManifest manifest) throws IOException {
        byte[] bytes = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest);
        Path file = Files.createTempFile("breakwater-ledger", ".json");
        try {
            Files.write(file, bytes);
            folder.put(LedgerManifest.NAME, file);
        } finally {
            Files.delete(file);
        }
        return new Written(manifest, folder.locate(LedgerManifest.NAME), Sha256.of(bytes));
    }

    private Part part(PartitionKey key, Optional<String> topicId, long segmentEnd, Extent extent, Instant deadline)
            throws IOException {
        long from = Math.max(segmentEnd, extent.begin());
        long to = Math.max(from, extent.stable());
        try (LedgerFiles files = new LedgerFiles(folder, key, fileBytes)) {
            read(key, from, to, files, deadline);
            files.finish();
            return new Part(
                    key.topic(),
                    topicId,
                    key.partition(),
                    segmentEnd,
                    from,
                    to,
                    Math.max(to, extent.end()),
                    files.records(),
                    files.written());
        }
    }

    private void read(PartitionKey key, long from, long to, LedgerFiles files, Instant deadline) throws IOException {
        TopicPartition partition = new TopicPartition(key.topic(), key.partition());
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
        long position = from;
        long progress = System.nanoTime();
        while (position < to) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                if (record.offset() < to) {
                    files.add(LedgerRecord.of(record));
                }
            }
            long now = consumer.position(partition);
            if (now > position) {
                position = now;
                progress = System.nanoTime();
            }
            if (Instant.now().isAfter(deadline) || System.nanoTime() - progress > SILENCE.toNanos()) {
                throw new TimeoutException(
                        "reading " + key + " from " + from + " to " + to + ": out of time at " + position);
            }
        }
    }

    private Map<String, Uuid> topicIds(Scope scope) throws InterruptedException {
        List<String> topics = scope.segmentEnds().keySet().stream()
                .map(PartitionKey::topic)
                .distinct()
                .toList();
        return KafkaAnswer.await(admin.describeTopics(topics).allTopicNames(), "ids of topics").values().stream()
                .collect(Collectors.toMap(topic -> topic.name(), topic -> topic.topicId()));
    }

    private SortedMap<PartitionKey, Extent> extents(Scope scope) throws InterruptedException {
        Map<TopicPartition, ListOffsetsResultInfo> begins =
                offsets(scope, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, ListOffsetsResultInfo> ends =
                offsets(scope, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
        // After the ends, so that a transaction which commits meanwhile makes no record seem open.
        Map<TopicPartition, ListOffsetsResultInfo> stable =
                offsets(scope, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
        SortedMap<PartitionKey, Extent> extents = new TreeMap<>();
        begins.forEach((partition, begin) -> extents.put(
                new PartitionKey(partition.topic(), partition.partition()),
                new Extent(
                        begin.offset(),
                        Objects.requireNonNull(stable.get(partition)).offset(),
                        Objects.requireNonNull(ends.get(partition)).offset())));
        return extents;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> offsets(Scope scope, OffsetSpec spec, IsolationLevel isolation)
            throws InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = scope.segmentEnds().keySet().stream()
                .collect(Collectors.toMap(key -> new TopicPartition(key.topic(), key.partition()), key -> spec));
        return KafkaAnswer.await(
                admin.listOffsets(asked, new ListOffsetsOptions(isolation)).all(), "begins and ends of partitions");
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
