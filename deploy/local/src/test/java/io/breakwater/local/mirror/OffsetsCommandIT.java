package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.ledger.LedgerFolder;
import io.breakwater.region.ledger.LedgerReader;
import io.breakwater.region.ledger.LedgerRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands for people with two clusters and the stamp, as the archive's launcher runs them. */
class OffsetsCommandIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final List<String> TOPICS = List.of(MirrorPair.EVENTS, MirrorPair.DELAYS);
    private static final String CONNECTOR = MirrorPair.GROUP + ".kafka-topic." + MirrorPair.FLOW;
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String BILLING = "billing";
    private static final int ENOUGH = 1_500;
    /** Mirrored before the stamp was switched on, as far as the commands can see. */
    private static final String LATE = "flights.late";

    private static final int UNSTAMPED = 1_100;

    @TempDir
    private Path directory;

    private Path east = Path.of("");
    private Path west = Path.of("");

    @Test
    void positionsAndLedgerWithTwoClustersAndTheStamp() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory)) {
            pair.start(PROGRESS);
            east = clientFile(pair.east, "east");
            west = clientFile(pair.west, "west");
            writeUnstamped(pair);
            mirrorSomeTraffic(pair);
            setPositions(pair.east);
            loseSomeRecords(pair.east);

            Path saved = translatesWithTheSourceAlive(pair);
            saysThatATransactionHidesRecords(pair);
            knowsTheNamesOfMirrorMakersDefaultPolicy(pair);
            makesALedgerAndVerifiesIt(pair);

            pair.east.kill();
            PROGRESS.line("east is dead");
            saysThatTheSourceIsDead();
            refusesAnActiveGroup(pair, saved);
            appliesWithTheSourceDead(pair, saved);
            namesAnUnknownStamp(pair, saved);
        }
    }

    private Path translatesWithTheSourceAlive(MirrorPair pair) throws Exception {
        ProgramRun table = breakwater("offsets", "translate", "--from", east, "--to", west, "--group", BILLING);
        ProgramRun json =
                breakwater("offsets", "translate", "--from", east, "--to", west, "--group", BILLING, "--json");

        assertThat(table.exitCode()).as(table.toString()).isZero();
        assertThat(table.output())
                .startsWith("GROUP ")
                .containsPattern("billing +flights.events +0 +\\d+ +\\d+ +exact")
                .contains("mirror-end")
                .contains("source cluster " + clusterId(pair.east));
        assertThat(json.exitCode()).as(json.toString()).isZero();
        LinearScan scan = LinearScan.of(pair.west.client(Principal.ADMIN), TOPICS);
        JsonNode positions = Json.MAPPER.readTree(json.output()).path("positions");
        assertThat(positions).hasSize(2 * MirrorPair.PARTITIONS + 1);
        for (JsonNode position : positions) {
            if (key(position).topic().equals(LATE)) {
                assertThat(position.path("how").asText()).isEqualTo("exact");
                assertThat(position.path("targetOffset").asInt()).isEqualTo(UNSTAMPED + 5);
            } else {
                assertThat(scan.translationError(
                                key(position),
                                position.path("offset").asLong(),
                                position.path("targetOffset").asLong()))
                        .as(position.toString())
                        .isZero();
            }
        }
        ProgramRun all = breakwater("offsets", "translate", "--from", east, "--to", west, "--all-groups", "--json");
        assertThat(Json.MAPPER.readTree(all.output()).path("positions").findValuesAsText("group"))
                .contains(BILLING, MirrorTraffic.FOLLOWER);
        return Files.writeString(directory.resolve("saved.json"), all.output());
    }

    private void makesALedgerAndVerifiesIt(MirrorPair pair) throws Exception {
        Path ledger = directory.resolve("ledger");
        ProgramRun made = breakwater(
                "kafka", "ledger", "--from", east, "--to", west, "--topics", "flights\\..*", "--out", ledger);

        assertThat(made.exitCode()).as(made.toString()).isZero();
        assertThat(made.output())
                .contains("8 records in 3 files, manifest " + ledger.resolve("manifest.json"))
                .containsPattern("flights.late +0 .* retention has taken " + UNSTAMPED + " to " + UNSTAMPED);
        List<LedgerRecord> records = new ArrayList<>();
        new LedgerReader(LedgerFolder.of(ledger)).read(records::add);
        assertThat(records)
                .extracting(OffsetsCommandIT::text)
                .containsExactly(
                        "lost-5=committed []",
                        "lost-0=value []",
                        "null=value []",
                        "lost-2=null []",
                        "= []",
                        "lost-4=value [origin=tower, origin=null]",
                        "lost-7=value []",
                        "lost-8=value []");
        assertThat(records.get(0).timestampType().name()).isEqualTo("CREATE_TIME");
        JsonNode manifest = Json.MAPPER.readTree(ledger.resolve("manifest.json").toFile());
        assertThat(manifest.path("sourceClusterId").asText()).isEqualTo(clusterId(pair.east));
        assertThat(manifest.path("targetClusterId").asText()).isEqualTo(clusterId(pair.west));

        ProgramRun verified = breakwater("kafka", "ledger", "verify", ledger);
        assertThat(verified.exitCode()).as(verified.toString()).isZero();
        assertThat(verified.output()).endsWith("VERIFIED\n");
        assertThat(breakwater("kafka", "ledger", "--from", east, "--to", west, "--topics", ".*", "--out", ledger)
                        .output())
                .contains("there is a ledger already, " + ledger.resolve("manifest.json"));

        Path file = ledger.resolve(manifest.path("partitions").findPath("name").asText());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        ProgramRun flipped = breakwater("kafka", "ledger", "verify", ledger);
        assertThat(flipped.exitCode()).as(flipped.toString()).isEqualTo(1);
        assertThat(flipped.output()).contains("FAILED      " + file + ": ").endsWith("NOT VERIFIED\n");
    }

    private void saysThatATransactionHidesRecords(MirrorPair pair) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(pair.east, Map.of("transactional.id", "open"))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(MirrorPair.DELAYS, 0, bytes("open"), bytes("value")))
                    .get();

            ProgramRun made = breakwater(
                    "kafka", "ledger", "--from", east, "--to", west, "--topics", MirrorPair.DELAYS, "--out", "hidden");

            assertThat(made.exitCode()).as(made.toString()).isEqualTo(1);
            assertThat(made.output())
                    .containsPattern("flights.delays +0 .* a transaction is open from \\d+ on")
                    .contains("NOT COMPLETE: transactions are open on the old cluster");
            producer.abortTransaction();
        }
    }

    /** Three records of five, as MirrorMaker with the stamp would have written them. */
    private void knowsTheNamesOfMirrorMakersDefaultPolicy(MirrorPair pair) throws Exception {
        Uuid source = Uuid.fromString(clusterId(pair.east));
        Uuid orders = createTopic(pair.east, "orders");
        createTopic(pair.west, "east.orders");
        try (KafkaProducer<byte[], byte[]> toEast = producer(pair.east, Map.of());
                KafkaProducer<byte[], byte[]> toWest = producer(pair.west, Map.of())) {
            for (int offset = 0; offset < 5; offset++) {
                toEast.send(new ProducerRecord<>("orders", bytes("order-" + offset)))
                        .get();
                if (offset < 3) {
                    ProducerRecord<byte[], byte[]> copy = new ProducerRecord<>("east.orders", bytes("order-" + offset));
                    copy.headers()
                            .add(ProvenanceStamp.HEADER, new ProvenanceStamp(source, orders, 0, offset).toBytes());
                    toWest.send(copy).get();
                }
            }
        }
        Path kept = Files.writeString(directory.resolve("kept"), "orders 0 1\n");

        ProgramRun translated =
                breakwater("offsets", "translate", "--to", west, "--positions", kept, "--target-prefix", "east.");
        ProgramRun made = breakwater(
                "kafka",
                "ledger",
                "--from",
                east,
                "--to",
                west,
                "--topics",
                "orders",
                "--target-prefix",
                "east.",
                "--out",
                "orders");

        assertThat(translated.exitCode()).as(translated.toString()).isZero();
        assertThat(translated.output()).containsPattern("- +orders +0 +1 +1 +exact");
        assertThat(made.exitCode()).as(made.toString()).isZero();
        assertThat(made.output()).containsPattern("orders +0 +3 +3 +5 +2\n");
    }

    private void saysThatTheSourceIsDead() throws Exception {
        ProgramRun dead = breakwater("offsets", "translate", "--from", east, "--to", west, "--group", BILLING);

        assertThat(dead.exitCode()).isEqualTo(2);
        assertThat(dead.output().lines())
                .singleElement()
                .asString()
                .startsWith("breakwater offsets: --from " + east)
                .contains("the cluster does not answer");
    }

    private void refusesAnActiveGroup(MirrorPair pair, Path saved) throws Exception {
        Map<String, Object> settings = new HashMap<>(pair.west.client(Principal.APP));
        settings.put("group.id", BILLING);
        settings.put("enable.auto.commit", false);
        try (KafkaConsumer<byte[], byte[]> member =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            member.subscribe(TOPICS);
            await().atMost(SOON).until(() -> {
                member.poll(Duration.ofMillis(100));
                return !member.assignment().isEmpty();
            });

            ProgramRun refused = breakwater("offsets", "translate", "--to", west, "--positions", saved, "--apply");

            assertThat(refused.exitCode()).as(refused.toString()).isEqualTo(1);
            assertThat(refused.output())
                    .contains("REFUSED: group billing: it has members on the target: stop its consumers there")
                    .contains("set on the target: group " + MirrorTraffic.FOLLOWER)
                    .doesNotContain("set on the target: group billing");
            assertThat(positions(pair.west)).isEmpty();
        }
    }

    private void appliesWithTheSourceDead(MirrorPair pair, Path saved) throws Exception {
        ProgramRun applied = breakwater("offsets", "translate", "--to", west, "--positions", saved, "--apply");

        assertThat(applied.exitCode()).as(applied.toString()).isZero();
        assertThat(applied.output()).contains("set on the target: group billing");
        Map<TopicPartition, OffsetAndMetadata> set = positions(pair.west);
        for (JsonNode position : Json.MAPPER.readTree(saved.toFile()).path("positions")) {
            if (position.path("group").asText().equals(BILLING)) {
                assertThat(set.get(kafkas(position)))
                        .as(position.toString())
                        .isEqualTo(new OffsetAndMetadata(
                                position.path("targetOffset").asLong()));
            }
        }
        assertThat(set).hasSize(2 * MirrorPair.PARTITIONS + 1);
    }

    private void namesAnUnknownStamp(MirrorPair pair, Path saved) throws Exception {
        byte[] later = new ProvenanceStamp(Uuid.randomUuid(), Uuid.randomUuid(), 0, 0).toBytes();
        later[0] = 9;
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(MirrorPair.EVENTS, 0, null, new byte[] {1});
        record.headers().add(ProvenanceStamp.HEADER, later);
        long offset;
        try (KafkaProducer<byte[], byte[]> producer = producer(pair.west, Map.of())) {
            offset = producer.send(record).get().offset();
        }

        ProgramRun met = breakwater(
                "offsets",
                "translate",
                "--to",
                west,
                "--positions",
                saved,
                "--source-cluster-id",
                Json.MAPPER.readTree(saved.toFile()).path("sourceClusterId").asText());

        assertThat(met.exitCode()).as(met.toString()).isEqualTo(1);
        assertThat(met.output())
                .contains("untranslatable: cluster " + pair.west.bootstrap() + ", topic flights.events, partition 0,"
                        + " offset " + offset + ": the header breakwater.stamp is a stamp of version 9")
                .containsPattern("billing +flights.delays +1 +\\d+ +\\d+ ");
    }

    private static void writeUnstamped(MirrorPair pair) throws Exception {
        for (KafkaServer cluster : List.of(pair.east, pair.west)) {
            createTopic(cluster, LATE);
            try (KafkaProducer<byte[], byte[]> producer = producer(cluster, Map.of())) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (int i = 0; i < UNSTAMPED; i++) {
                    sent.add(producer.send(new ProducerRecord<>(LATE, bytes("record-" + i))));
                }
                for (Future<RecordMetadata> record : sent) {
                    record.get();
                }
            }
        }
    }

    /** Plain and transactional records, some of them aborted, all mirrored; then the mirror is stopped. */
    private static void mirrorSomeTraffic(MirrorPair pair) throws Exception {
        await().atMost(SOON)
                .until(() -> pair.connect
                        .status(CONNECTOR)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED"))
                        .isPresent());
        assertThat(pair.connect.resume(CONNECTOR).ifOk()).isPresent();
        try (MirrorTraffic traffic = new MirrorTraffic(pair.east, "mirrored")) {
            await().atMost(SOON).until(() -> traffic.acked().size() >= ENOUGH);
        }
        long all = records(pair.east, TOPICS);
        await().atMost(SOON).ignoreExceptions().until(() -> records(pair.west, TOPICS) == all);
        await().atMost(SOON).ignoreExceptions().until(() -> records(pair.west, List.of(LATE)) == 2 * UNSTAMPED);
        assertThat(pair.connect.stop(CONNECTOR).ifOk()).isPresent();
        await().atMost(SOON)
                .until(() -> pair.connect
                        .status(CONNECTOR)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED")
                                && status.tasks().isEmpty())
                        .isPresent());
        PROGRESS.line(all + " records are mirrored");
    }

    private static long records(KafkaServer cluster, List<String> topics) {
        return LinearScan.of(cluster.client(Principal.ADMIN), topics).records().values().stream()
                .mapToLong(List::size)
                .sum();
    }

    /** At the begin, in the middle, and past the end of what is mirrored. */
    private static void setPositions(KafkaServer east) throws Exception {
        LinearScan scan = LinearScan.of(east.client(Principal.ADMIN), TOPICS);
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        scan.records().forEach((partition, records) -> {
            ConsumerRecord<byte[], byte[]> last = records.get(records.size() - 1);
            long offset = partition.topic().equals(MirrorPair.DELAYS) && partition.partition() == 0
                    ? last.offset() + 1
                    : last.offset() * (1 + partition.partition()) / 3;
            positions.put(new TopicPartition(partition.topic(), partition.partition()), new OffsetAndMetadata(offset));
        });
        positions.put(new TopicPartition(LATE, 0), new OffsetAndMetadata(5));
        try (Admin admin = Admin.create(east.client(Principal.ADMIN))) {
            admin.alterConsumerGroupOffsets(BILLING, positions).all().get();
        }
    }

    /** Of every kind that a ledger has to tell apart; one more is in an aborted transaction, one retention takes. */
    private static void loseSomeRecords(KafkaServer east) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(east, Map.of())) {
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, bytes("lost-0"), bytes("value")))
                    .get();
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, null, bytes("value")))
                    .get();
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, bytes("lost-2"), null))
                    .get();
            producer.send(new ProducerRecord<>(MirrorPair.EVENTS, 1, new byte[0], new byte[0]))
                    .get();
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(MirrorPair.EVENTS, 1, bytes("lost-4"), bytes("value"));
            record.headers().add("origin", bytes("tower")).add("origin", null);
            producer.send(record).get();
            for (int i = 6; i < 9; i++) {
                producer.send(new ProducerRecord<>(LATE, bytes("lost-" + i), bytes("value")))
                        .get();
            }
        }
        try (Admin admin = Admin.create(east.client(Principal.ADMIN))) {
            admin.deleteRecords(Map.of(new TopicPartition(LATE, 0), RecordsToDelete.beforeOffset(UNSTAMPED + 1)))
                    .all()
                    .get();
        }
        try (KafkaProducer<byte[], byte[]> producer = producer(east, Map.of("transactional.id", "lost"))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(MirrorPair.DELAYS, 1, bytes("lost-5"), bytes("committed")))
                    .get();
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(MirrorPair.DELAYS, 1, bytes("never"), bytes("aborted")))
                    .get();
            producer.abortTransaction();
        }
    }

    private static Uuid createTopic(KafkaServer cluster, String name) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            return admin.createTopics(List.of(new NewTopic(name, 1, (short) 1)))
                    .topicId(name)
                    .get();
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(KafkaServer cluster, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(cluster.client(Principal.ADMIN));
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static Map<TopicPartition, OffsetAndMetadata> positions(KafkaServer cluster) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            return admin.listConsumerGroupOffsets(BILLING)
                    .partitionsToOffsetAndMetadata()
                    .get();
        }
    }

    private static String clusterId(KafkaServer cluster) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            return admin.describeCluster().clusterId().get();
        }
    }

    private Path clientFile(KafkaServer cluster, String name) throws IOException {
        Properties properties = new Properties();
        cluster.client(Principal.ADMIN).forEach((key, value) -> properties.setProperty(key, String.valueOf(value)));
        Path file = directory.resolve(name + ".properties");
        try (var out = Files.newBufferedWriter(file)) {
            properties.store(out, null);
        }
        return file;
    }

    private ProgramRun breakwater(Object... arguments) throws Exception {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return ProgramRun.of(directory, Map.of(), ProjectLayout.find().launcher(), texts);
    }

    private static PartitionKey key(JsonNode position) {
        return new PartitionKey(
                position.path("topic").asText(), position.path("partition").asInt());
    }

    private static TopicPartition kafkas(JsonNode position) {
        return new TopicPartition(
                position.path("topic").asText(), position.path("partition").asInt());
    }

    private static String text(LedgerRecord record) {
        List<String> headers = record.headers().stream()
                .map(header -> header.key() + "=" + text(header.value()))
                .toList();
        return text(record.key()) + "=" + text(record.value()) + " " + headers;
    }

    private static String text(Optional<byte[]> bytes) {
        return bytes.map(b -> new String(b, StandardCharsets.UTF_8)).orElse("null");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
