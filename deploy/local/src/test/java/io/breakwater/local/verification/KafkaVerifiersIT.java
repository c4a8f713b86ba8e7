package io.breakwater.local.verification;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.RegionClients;
import io.breakwater.verification.AssetVerifier;
import io.breakwater.verification.VerificationRequest;
import io.breakwater.verification.VerificationResult;
import io.breakwater.verification.VerificationResult.Mismatch;
import io.breakwater.verification.VerificationResult.Unverifiable;
import io.breakwater.verification.VerificationResult.Verified;
import io.breakwater.verification.kafka.GroupVerifier;
import io.breakwater.verification.kafka.TopicVerifier;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Topics and groups on two real brokers, mirrored by this test itself, right and wrong. */
class KafkaVerifiersIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final int RECORDS = 10_000;

    /** Of the first record; not so old that retention takes it. */
    private static final long TIME = System.currentTimeMillis() - RECORDS;

    @TempDir
    private static Path directory;

    private static KafkaServer east;
    private static KafkaServer west;
    private static RegionClients clients;
    private static Platform platform;
    private static Uuid eastId;

    private String topic = "";

    @BeforeAll
    static void start() throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        east = KafkaServer.in(layout, "kafka-east", directory.resolve("east"));
        west = KafkaServer.in(layout, "kafka-west", directory.resolve("west"));
        east.start(PROGRESS);
        west.start(PROGRESS);
        HostPort none = new HostPort("127.0.0.1", 1);
        platform = new Platform(
                "verification",
                List.of(new Node("east", Optional.of("east"), none, none)),
                new TreeMap<>(Map.of("east", region(east), "west", region(west))),
                new TreeMap<>());
        clients = new RegionClients(platform, Duration.ofSeconds(10));
        eastId = Uuid.fromString(
                clients.admin("east").describeCluster().clusterId().get());
    }

    private static Region region(KafkaServer kafka) {
        URI none = URI.create("http://127.0.0.1:1");
        return new Region(
                kafka.cluster(),
                new Region.ConnectCluster(none),
                new Region.ObjectStoreSite("none", Optional.empty(), Optional.empty(), Optional.empty(), Map.of()),
                new Region.FlinkCluster(none));
    }

    @AfterAll
    static void stop() {
        clients.close();
        west.close();
        east.close();
    }

    @BeforeEach
    void mirror(TestInfo test) throws Exception {
        topic = test.getTestMethod().orElseThrow().getName();
        for (KafkaServer kafka : List.of(east, west)) {
            try (Admin admin = Admin.create(kafka.client(Principal.ADMIN))) {
                admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                        .all()
                        .get();
            }
        }
        send(east, 0, RECORDS, false);
    }

    @Test
    void theSameRecordsAreVerified() throws Exception {
        send(west, 0, RECORDS, true);

        VerificationResult result = verify(RECORDS, true);

        assertThat(result)
                .isInstanceOfSatisfying(
                        Verified.class,
                        verified -> assertThat(verified.figures()
                                        .path(topic + "-0")
                                        .path("records")
                                        .asInt())
                                .isEqualTo(RECORDS));
        assertThat(verify(RECORDS, false)).isInstanceOf(Verified.class);
    }

    @Test
    void whatIsBeyondTheClaimDoesNotCount() throws Exception {
        send(west, 0, 7_000, true);

        assertThat(verify(7_000, true)).isInstanceOf(Verified.class);
        assertThat(verify(7_001, true))
                .isInstanceOfSatisfying(
                        Mismatch.class,
                        mismatch -> assertThat(mismatch.differences())
                                .singleElement()
                                .asString()
                                .contains("source offsets 4096 to 8191 have other records"));
    }

    @Test
    void aRecordThatDiffersIsFoundToItsStretch() throws Exception {
        send(west, 0, 5_000, true);
        sendOne(west, 5_000, "changed", true);
        send(west, 5_001, RECORDS, true);

        assertThat(verify(RECORDS, true))
                .isInstanceOfSatisfying(
                        Mismatch.class,
                        mismatch -> assertThat(mismatch.differences())
                                .singleElement()
                                .asString()
                                .contains("source offsets 4096 to 8191 have other records"));
    }

    @Test
    void aRecordThatWasMirroredTwiceIsFoundWithoutTheSource() throws Exception {
        send(west, 0, RECORDS, true);
        send(west, RECORDS - 1, RECORDS, true);

        assertThat(verify(RECORDS, false))
                .isInstanceOfSatisfying(
                        Mismatch.class,
                        mismatch -> assertThat(mismatch.differences())
                                .singleElement()
                                .asString()
                                .contains("twice or out of order: source offset 9999 after 9999"));
    }

    @Test
    void aGroupsPositionsMustLieInTheLog() throws Exception {
        send(west, 0, 100, true);
        PartitionKey partition = new PartitionKey(topic, 0);
        ReplicaPosition position = ReplicaPosition.ofGroup(Instant.EPOCH, new OffsetVector(Map.of(partition, 50L)));
        AssetId group = new AssetId(AssetSpec.CONSUMER_GROUP, topic + "-group");

        assertThat(verify(new GroupVerifier(), group, position, false))
                .isInstanceOfSatisfying(
                        Mismatch.class,
                        mismatch -> assertThat(mismatch.differences())
                                .singleElement()
                                .asString()
                                .contains("has no position"));
        write(group.name(), 101);
        assertThat(verify(new GroupVerifier(), group, position, false)).isInstanceOf(Mismatch.class);
        write(group.name(), 100);
        assertThat(verify(new GroupVerifier(), group, position, false)).isInstanceOf(Verified.class);
    }

    @Test
    void aTopicThatIsNotThereIsNamed() throws Exception {
        ReplicaPosition position =
                ReplicaPosition.ofTopic(Instant.EPOCH, new OffsetVector(Map.of(new PartitionKey(topic, 7), 5L)));

        assertThat(verify(new TopicVerifier(), new AssetId(AssetSpec.KAFKA_TOPIC, topic), position, false))
                .isInstanceOfAny(Mismatch.class, Unverifiable.class);
    }

    private void write(String group, long offset) throws Exception {
        clients.admin("west")
                .alterConsumerGroupOffsets(group, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)))
                .all()
                .get();
    }

    private VerificationResult verify(long through, boolean compareSource) throws Exception {
        return verify(
                new TopicVerifier(),
                new AssetId(AssetSpec.KAFKA_TOPIC, topic),
                ReplicaPosition.ofTopic(Instant.EPOCH, new OffsetVector(Map.of(new PartitionKey(topic, 0), through))),
                compareSource);
    }

    private static VerificationResult verify(
            AssetVerifier verifier, AssetId asset, ReplicaPosition position, boolean compareSource) throws Exception {
        return verifier.verify(new VerificationRequest(
                platform,
                clients,
                "flights",
                new Flow("east", "west"),
                asset,
                new AssetSpec(asset.kind(), new TreeMap<>()),
                position,
                compareSource));
    }

    private void send(KafkaServer kafka, int from, int to, boolean stamped) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(kafka)) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int offset = from; offset < to; offset++) {
                sent.add(producer.send(record(offset, "value " + offset, stamped)));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    private void sendOne(KafkaServer kafka, int offset, String value, boolean stamped) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(kafka)) {
            producer.send(record(offset, value, stamped)).get();
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(KafkaServer kafka) {
        return new KafkaProducer<>(
                new HashMap<>(kafka.client(Principal.ADMIN)), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private ProducerRecord<byte[], byte[]> record(int offset, String value, boolean stamped) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                topic,
                0,
                TIME + offset,
                ("key " + offset % 7).getBytes(StandardCharsets.UTF_8),
                value.getBytes(StandardCharsets.UTF_8));
        record.headers().add("kind", "test".getBytes(StandardCharsets.UTF_8));
        if (stamped) {
            record.headers()
                    .add(ProvenanceStamp.HEADER, new ProvenanceStamp(eastId, Uuid.ONE_UUID, 0, offset).toBytes());
        }
        return record;
    }
}
