package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The ledger of one partition: JSON lines, one a record that is on the old region only. */
final class LossLedgerFile {

    private LossLedgerFile() {}

    /**
     * Of the manifest.
     *
     * @param from inclusive source offset
     * @param to exclusive source offset
     * @param sha256 of the file, in hexadecimal
     */
    record Part(String topic, int partition, long from, long to, long records, String sha256) {}

    /** One line; Jackson writes the bytes in base64. */
    private record Line(
            String topic, int partition, long offset, long timestamp, Optional<byte[]> key, Optional<byte[]> value) {}

    /** Reads partitions of the old region, one after the other. For one thread. */
    static final class Reader implements AutoCloseable {

        private static final Duration POLL = Duration.ofMillis(200);

        private final KafkaConsumer<byte[], byte[]> consumer;

        Reader(Map<String, Object> settings) {
            Map<String, Object> all = new HashMap<>(settings);
            all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
            all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
            all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
            all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
            this.consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        /** Writes all visible records from an offset to the end, as it is now. */
        Part write(PartitionKey key, long sourceEnd, Path file, Instant deadline) throws IOException {
            TopicPartition partition = new TopicPartition(key.topic(), key.partition());
            long from = Math.max(
                    sourceEnd, consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L));
            long to = Math.max(from, consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L));
            MessageDigest digest = sha256();
            long records = 0;
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), digest)) {
                consumer.assign(List.of(partition));
                consumer.seek(partition, from);
                while (consumer.position(partition) < to) {
                    if (Instant.now().isAfter(deadline)) {
                        throw new TimeoutException("reading " + key + " from " + from + " to " + to + ": out of time");
                    }
                    for (ConsumerRecord<byte[], byte[]> record :
                            consumer.poll(POLL).records(partition)) {
                        out.write(Json.MAPPER.writeValueAsBytes(line(record)));
                        out.write('\n');
                        records++;
                    }
                }
            }
            return new Part(
                    key.topic(),
                    key.partition(),
                    from,
                    to,
                    records,
                    HexFormat.of().formatHex(digest.digest()));
        }

        private static Line line(ConsumerRecord<byte[], byte[]> record) {
            return new Line(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    record.timestamp(),
                    Optional.ofNullable(record.key()),
                    Optional.ofNullable(record.value()));
        }

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }

        @Override
        public void close() {
            consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
    }
}
