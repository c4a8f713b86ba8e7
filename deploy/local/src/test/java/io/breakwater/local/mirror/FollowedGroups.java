package io.breakwater.local.mirror;

import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.PartitionKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Two clusters with some records mirrored, whose standby forgets positions fast and takes no long texts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class FollowedGroups {

    static final Progress PROGRESS = Progress.to(System.out);
    static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(10);
    static final int RECORDS = 400;
    static final int LONGEST_TEXT = 600;

    /** It has a position from the beginning on, and never commits again. */
    static final String RESTING = "flights-resting";

    /** It has one on the standby alone, which nobody writes again. */
    static final String FORGOTTEN = "forgotten";

    static final TopicPartition EVENTS = new TopicPartition(MirrorPair.EVENTS, 0);
    static final TopicPartition DELAYS = new TopicPartition(MirrorPair.DELAYS, 1);

    private final AtomicInteger barriers = new AtomicInteger();

    MirrorPair pair;
    Path log = Path.of("");
    Admin east;
    Admin west;
    /** What is on the standby; nothing is written any more when it is read. */
    LinearScan mirrored = new LinearScan(new TreeMap<>());

    @BeforeAll
    void mirrorSomeRecords(@TempDir Path directory) throws Exception {
        KafkaServer standby = KafkaServer.withSettings(
                ProjectLayout.find(),
                "kafka-west",
                Files.createDirectories(directory.resolve("west")),
                Map.of(
                        "offsets.retention.minutes",
                        "1",
                        "offsets.retention.check.interval.ms",
                        "1000",
                        "offset.metadata.max.bytes",
                        String.valueOf(LONGEST_TEXT)));
        pair = new MirrorPair(directory, standby, "- {kind: consumer-group, pattern: \"flights\\\\.counter\"}\n", "");
        log = directory.resolve("replicator/replicator-west.log");
        pair.start(PROGRESS);
        pair.startFlow();
        east = Admin.create(pair.east.client(Principal.ADMIN));
        west = Admin.create(pair.west.client(Principal.ADMIN));
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("linger.ms", 1))) {
            for (int i = 0; i < RECORDS; i++) {
                var unused = producer.send(record(EVENTS, i));
                unused = producer.send(record(DELAYS, i));
                if (i % 50 == 0) {
                    producer.flush();
                }
            }
        }
        commit(RESTING, EVENTS, 7);
        await().atMost(Duration.ofMinutes(2)).ignoreExceptions().until(() -> {
            mirrored = LinearScan.of(pair.west.client(Principal.ADMIN), List.of(MirrorPair.EVENTS, MirrorPair.DELAYS));
            return mirrored.of(key(EVENTS)).size() == RECORDS
                    && mirrored.of(key(DELAYS)).size() == RECORDS;
        });
        west.alterConsumerGroupOffsets(FORGOTTEN, Map.of(EVENTS, new OffsetAndMetadata(7)))
                .all()
                .get();
    }

    @AfterAll
    void close() {
        east.close(Duration.ofSeconds(1));
        west.close(Duration.ofSeconds(1));
        pair.close();
    }

    /** What was committed before is looked at by the mirror when this returns. */
    void awaitBarrier() throws Exception {
        int position = barriers.incrementAndGet();
        commit("flights-barrier", EVENTS, position);
        awaitPosition("flights-barrier", EVENTS, position);
    }

    void commit(String group, TopicPartition partition, long position) throws Exception {
        east.alterConsumerGroupOffsets(group, Map.of(partition, new OffsetAndMetadata(position)))
                .all()
                .get();
    }

    void awaitPosition(String group, TopicPartition partition, long sourcePosition) {
        long expected = target(partition, sourcePosition);
        await("position of " + group + " for source position " + sourcePosition)
                .pollDelay(Duration.ZERO)
                .pollInterval(LOOK)
                .atMost(SOON)
                .until(() -> position(group, partition).equals(Optional.of(expected)));
    }

    Optional<Long> position(String group, TopicPartition partition) throws Exception {
        return StandbyPosition.of(west, group, partition);
    }

    /** Where the record of a source offset is, by reading all. */
    long target(TopicPartition partition, long sourceOffset) {
        return mirrored.of(key(partition)).stream()
                .filter(record -> LinearScan.stamp(record) >= sourceOffset)
                .findFirst()
                .orElseThrow()
                .offset();
    }

    KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(pair.east.client(Principal.APP));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static ProducerRecord<byte[], byte[]> record(TopicPartition partition, int value) {
        byte[] bytes = Integer.toString(value).getBytes(StandardCharsets.UTF_8);
        return new ProducerRecord<>(partition.topic(), partition.partition(), bytes, bytes);
    }

    static PartitionKey key(TopicPartition partition) {
        return new PartitionKey(partition.topic(), partition.partition());
    }
}
