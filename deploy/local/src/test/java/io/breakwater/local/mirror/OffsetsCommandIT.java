package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.S3Server;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.S3ObjectStore;
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
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands for people with two clusters and the stamp, as the archive's launcher runs them. */
class OffsetsCommandIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);

    /** Key, value and headers of what the standby never got. */
    private static final List<String> LOST = List.of(
            "lost-5=committed []",
            "lost-0=value []",
            "null=value []",
            "lost-2=null []",
            "= []",
            "lost-4=value [origin=tower, origin=null]",
            "lost-7=value []",
            "lost-8=value []");

    @TempDir
    private Path directory;

    private Path east = Path.of("");
    private Path west = Path.of("");

    @Test
    @Tag("full")
    void positionsAndLedgerWithTwoClustersAndTheStamp() throws Exception {
        try (MirrorPair pair = new MirrorPair(directory)) {
            pair.start(PROGRESS);
            east = clientFile(pair.east, "east");
            west = clientFile(pair.west, "west");
            CommandScene.writeUnstamped(pair);
            CommandScene.mirrorSomeTraffic(pair);
            CommandScene.setPositions(pair.east);
            CommandScene.loseSomeRecords(pair.east);

            Path saved = translatesWithTheSourceAlive(pair);
            saysThatATransactionHidesRecords(pair);
            knowsTheNamesOfMirrorMakersDefaultPolicy(pair);
            aTopicMadeAnewIsLostAsAWhole(pair);
            makesALedgerAndVerifiesIt(pair);
            makesALedgerInAnObjectStore(pair);

            pair.east.kill();
            PROGRESS.line("east is dead");
            saysThatTheSourceIsDead();
            refusesAnActiveGroup(pair, saved);
            appliesWithTheSourceDead(pair, saved);
            namesAnUnknownStamp(pair, saved);
        }
    }

    private Path translatesWithTheSourceAlive(MirrorPair pair) throws Exception {
        ProgramRun table =
                breakwater("offsets", "translate", "--from", east, "--to", west, "--group", CommandScene.BILLING);
        ProgramRun json = breakwater(
                "offsets", "translate", "--from", east, "--to", west, "--group", CommandScene.BILLING, "--json");

        assertThat(table.exitCode()).as(table.toString()).isZero();
        assertThat(table.output())
                .startsWith("GROUP ")
                .containsPattern("billing +flights.events +0 +\\d+ +\\d+ +exact")
                .contains("mirror-end")
                .contains("source cluster " + clusterId(pair.east));
        assertThat(json.exitCode()).as(json.toString()).isZero();
        LinearScan scan = LinearScan.of(pair.west.client(Principal.ADMIN), CommandScene.TOPICS);
        JsonNode positions = Json.MAPPER.readTree(json.output()).path("positions");
        assertThat(positions).hasSize(2 * MirrorPair.PARTITIONS + 1);
        for (JsonNode position : positions) {
            if (key(position).topic().equals(CommandScene.LATE)) {
                assertThat(position.path("how").asText()).isEqualTo("exact");
                assertThat(position.path("targetOffset").asInt()).isEqualTo(CommandScene.UNSTAMPED + 5);
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
                .contains(CommandScene.BILLING, MirrorTraffic.FOLLOWER);
        return Files.writeString(directory.resolve("saved.json"), all.output());
    }

    private void makesALedgerAndVerifiesIt(MirrorPair pair) throws Exception {
        Path ledger = directory.resolve("ledger");
        ProgramRun made = breakwater(
                "kafka", "ledger", "--from", east, "--to", west, "--topics", "flights\\..*", "--out", ledger);

        assertThat(made.exitCode()).as(made.toString()).isZero();
        assertThat(made.output())
                .contains("8 records in 3 files, manifest " + ledger.resolve("manifest.json"))
                .containsPattern("flights.late +0 .* retention has taken " + CommandScene.UNSTAMPED + " to "
                        + CommandScene.UNSTAMPED);
        List<LedgerRecord> records = new ArrayList<>();
        new LedgerReader(LedgerFolder.of(ledger)).read(records::add);
        assertThat(records).extracting(OffsetsCommandIT::text).containsExactlyElementsOf(LOST);
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

    /** The same records as in the directory, behind a signature, and a changed object is found. */
    private void makesALedgerInAnObjectStore(MirrorPair pair) throws Exception {
        String place = "s3://breakwater-west/lost/after-the-storm";
        Map<String, String> keys =
                Map.of("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);
        Object[] make = {
            "kafka",
            "ledger",
            "--from",
            east,
            "--to",
            west,
            "--topics",
            "flights\\..*",
            "--out",
            place,
            "--s3-endpoint",
            pair.store.endpoint(),
            "--json"
        };
        Object[] verify = {"kafka", "ledger", "verify", place, "--s3-endpoint", pair.store.endpoint()};

        ProgramRun forbidden =
                breakwater(Map.of("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", "wrong"), make);
        ProgramRun made = breakwater(keys, make);

        assertThat(forbidden.exitCode()).as(forbidden.toString()).isEqualTo(2);
        assertThat(forbidden.output().lines()).singleElement().asString().contains(place, "403");
        assertThat(made.exitCode()).as(made.toString()).isZero();
        JsonNode manifest = Json.MAPPER.readTree(made.output());
        try (ObjectStore store = S3ObjectStore.connect(pair.store.site(), Duration.ofSeconds(30))) {
            List<LedgerRecord> records = new ArrayList<>();
            new LedgerReader(LedgerFolder.of(store, ObjectUri.parse(place))).read(records::add);
            assertThat(records).extracting(OffsetsCommandIT::text).containsExactlyElementsOf(LOST);
            ProgramRun verified = breakwater(keys, verify);
            assertThat(verified.exitCode()).as(verified.toString()).isZero();
            assertThat(verified.output()).contains("records     8").endsWith("VERIFIED\n");
            assertThat(breakwater(keys, make).output())
                    .contains("there is a ledger already, " + place + "/manifest.json");

            ObjectUri file = ObjectUri.parse(
                    place + "/" + manifest.path("partitions").findPath("name").asText());
            byte[] bytes = store.get(file).orElseThrow();
            bytes[bytes.length / 2] ^= 1;
            store.put(file, bytes);
            ProgramRun flipped = breakwater(keys, verify);
            assertThat(flipped.exitCode()).as(flipped.toString()).isEqualTo(1);
            assertThat(flipped.output()).contains("FAILED      " + file + ": ").endsWith("NOT VERIFIED\n");
        }
    }

    private void saysThatATransactionHidesRecords(MirrorPair pair) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                CommandScene.producer(pair.east, Map.of("transactional.id", "open"))) {
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
        Uuid orders = CommandScene.createTopic(pair.east, "orders");
        CommandScene.mirrorByHand(pair, source, orders);
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

    /** Its stamps name the topic that was there before, of which they say up to where it was mirrored. */
    private void aTopicMadeAnewIsLostAsAWhole(MirrorPair pair) throws Exception {
        CommandScene.createTopic(pair.east, "anew");
        CommandScene.createTopic(pair.west, "anew");
        ProducerRecord<byte[], byte[]> copy = new ProducerRecord<>("anew", bytes("of the topic before"));
        copy.headers()
                .add(
                        ProvenanceStamp.HEADER,
                        new ProvenanceStamp(Uuid.fromString(clusterId(pair.east)), Uuid.randomUuid(), 0, 7).toBytes());
        try (KafkaProducer<byte[], byte[]> toEast = CommandScene.producer(pair.east, Map.of());
                KafkaProducer<byte[], byte[]> toWest = CommandScene.producer(pair.west, Map.of())) {
            toWest.send(copy).get();
            toEast.send(new ProducerRecord<>("anew", bytes("of the topic now"))).get();
        }

        ProgramRun made =
                breakwater("kafka", "ledger", "--from", east, "--to", west, "--topics", "anew", "--out", "anew");

        assertThat(made.exitCode()).as(made.toString()).isZero();
        assertThat(made.output()).containsPattern("anew +0 +0 +0 +1 +1 +no stamp of this topic is on the new cluster");
    }

    private void saysThatTheSourceIsDead() throws Exception {
        ProgramRun dead =
                breakwater("offsets", "translate", "--from", east, "--to", west, "--group", CommandScene.BILLING);

        assertThat(dead.exitCode()).isEqualTo(2);
        assertThat(dead.output().lines())
                .singleElement()
                .asString()
                .startsWith("breakwater offsets: --from " + east)
                .contains("the cluster does not answer");
    }

    private void refusesAnActiveGroup(MirrorPair pair, Path saved) throws Exception {
        Map<String, Object> settings = new HashMap<>(pair.west.client(Principal.APP));
        settings.put("group.id", CommandScene.BILLING);
        settings.put("enable.auto.commit", false);
        try (KafkaConsumer<byte[], byte[]> member =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            member.subscribe(CommandScene.TOPICS);
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
            if (position.path("group").asText().equals(CommandScene.BILLING)) {
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
        try (KafkaProducer<byte[], byte[]> producer = CommandScene.producer(pair.west, Map.of())) {
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
                        + " offset " + offset + ": the header bw.stamp is a stamp of version 9")
                .containsPattern("billing +flights.delays +1 +\\d+ +\\d+ ");
    }

    private static Map<TopicPartition, OffsetAndMetadata> positions(KafkaServer cluster) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            return admin.listConsumerGroupOffsets(CommandScene.BILLING)
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
        return breakwater(Map.of(), arguments);
    }

    private ProgramRun breakwater(Map<String, String> environment, Object... arguments) throws Exception {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return ProgramRun.of(directory, environment, ProjectLayout.find().launcher(), texts);
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
