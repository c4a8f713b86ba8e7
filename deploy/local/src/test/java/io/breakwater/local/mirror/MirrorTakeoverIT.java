package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.FenceMirrorStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Alarm;
import io.breakwater.platform.Json;
import io.breakwater.platform.ReplicaPosition;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.RegionClients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A standby that was not made by Breakwater: MirrorMaker has mirrored to it for a while, with the same names and with a
 * prefix, a topic there has more partitions, and it has no authorizer.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MirrorTakeoverIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String WIDE = "flights.wide";
    private static final String HUGE = "flights.huge";
    private static final TopicPartition TWICE = new TopicPartition("flights.twice", 0);
    /** Its copy sets times of its own. */
    private static final TopicPartition TIMED = new TopicPartition("flights.timed", 0);
    /** All that was mirrored is gone on the source. */
    private static final TopicPartition TRIMMED = new TopicPartition("flights.trimmed", 0);
    /** The standby has records of its own there. */
    private static final TopicPartition APART = new TopicPartition("flights.apart", 0);
    /** More than are compared. */
    private static final int MANY = 5_100;

    private static final TopicPartition EVENTS = new TopicPartition(MirrorPair.EVENTS, 0);

    private static final int TRANSACTIONS = 120;
    private static final int BATCH = 10;
    /** Each of these many transactions. */
    private static final int ABORTED = 7;

    /** Records of a round. */
    private static final int COMMITTED = BATCH * (TRANSACTIONS - (TRANSACTIONS - 1) / ABORTED - 1);

    private static final int STEP = 97;

    /** More than the mirror can carry, which is 32 MiB. */
    private static final int TOO_LARGE = 34 << 20;

    private static final String ASSETS = "- {kind: kafka-access}\n";

    @TempDir
    private static Path directory;

    private static MirrorPair pair;
    private static MirrorReports reports;
    private static PlainMirrorMaker forgotten;
    private static Admin east;
    private static Admin west;

    /** The source offset behind the last record that came without a stamp. */
    private static long prefixEnd;

    @BeforeAll
    static void mirrorMakerFirst() throws Exception {
        KafkaServer standby = KafkaServer.withoutAuthorizer(
                ProjectLayout.find(), "kafka-west", Files.createDirectories(directory.resolve("west")));
        pair = new MirrorPair(directory, standby, ASSETS, "");
        reports = new MirrorReports(pair.west);
        pair.start(PROGRESS);
        east = Admin.create(pair.east.client(Principal.ADMIN));
        west = Admin.create(pair.west.client(Principal.ADMIN));
        east.createTopics(List.of(
                        new NewTopic(WIDE, 1, (short) 1),
                        new NewTopic(TWICE.topic(), 1, (short) 1),
                        new NewTopic(TIMED.topic(), 1, (short) 1),
                        new NewTopic(TRIMMED.topic(), 1, (short) 1),
                        new NewTopic(APART.topic(), 1, (short) 1),
                        new NewTopic(HUGE, 1, (short) 1)
                                .configs(Map.of("max.message.bytes", String.valueOf(2 * TOO_LARGE)))))
                .all()
                .get();
        west.createTopics(List.of(
                        new NewTopic(WIDE, 2, (short) 1),
                        new NewTopic(TIMED.topic(), 1, (short) 1)
                                .configs(Map.of("message.timestamp.type", "LogAppendTime")),
                        new NewTopic(TRIMMED.topic(), 1, (short) 1),
                        new NewTopic(APART.topic(), 1, (short) 1)))
                .all()
                .get();
        publish(WIDE, "wide");
        CommandScene.publish(pair.east, TIMED, "timed", 50);
        CommandScene.publish(pair.east, TRIMMED, "gone", MANY);
        CommandScene.publish(pair.west, TRIMMED, "gone", MANY);
        CommandScene.publish(pair.west, APART, "own", 3);
        east.deleteRecords(Map.of(TRIMMED, RecordsToDelete.beforeOffset(MANY)))
                .all()
                .get();
        PlainMirrorMaker same = PlainMirrorMaker.start(pair, "mm2", "flights\\.events", PlainMirrorMaker.IDENTITY);
        PlainMirrorMaker renaming =
                PlainMirrorMaker.startStamping(pair, "mm2-renaming", "flights\\.wide", PlainMirrorMaker.RENAMING);
        await().atMost(SOON)
                .until(() -> west.listTopics().names().get().containsAll(List.of("east." + WIDE, EVENTS.topic())));
        forgotten = PlainMirrorMaker.start(
                pair, "mm2-forgotten", "flights\\.twice,flights\\.timed", PlainMirrorMaker.IDENTITY);
        for (int i = 0; i < 50; i++) {
            publish(TWICE.topic(), "before " + i);
        }
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> texts(pair.west, TWICE).size() == 50
                        && texts(pair.west, TIMED).size() == 50);
        forgotten.stop();
        writeEvents(0);
        prefixEnd = awaitMirrored(1);
        groupsAt(CheckpointPeer.PREFIX);
        CheckpointPeer.start(pair);
        awaitPosition(CheckpointPeer.PREFIX + prefixEnd);
        renaming.stop();
        same.handOver();
        PROGRESS.line("MirrorMaker has mirrored up to offset " + prefixEnd + " and is stopped");

        pair.startFlow();
        String access = MirrorPair.GROUP + ".kafka-access." + MirrorPair.FLOW;
        assertThat(pair.connect.resume(access).ifOk()).isPresent();
        publish(HUGE, "x".repeat(TOO_LARGE));
        writeEvents(1);
        awaitMirrored(2);
    }

    @AfterAll
    static void stop() {
        east.close();
        west.close();
        pair.close();
    }

    @Test
    void aPositionAmongMirrorMakersRecordsIsEarlyAndSaysSo() throws Exception {
        SortedMap<Long, Long> copies = copies();
        groupsAt("flights-at-");
        long last = copies.lastKey() - 5;
        commit("flights-after", last);

        assertThat(awaitPosition("flights-after")).isEqualTo(right(copies, last));
        long ours = 0;
        long theirs = 0;
        for (long at : steps()) {
            long right = right(copies, at);
            long position = awaitPosition("flights-at-" + at);
            long synced = position(CheckpointPeer.PREFIX + at).orElse(0L);
            assertThat(position).as("of " + at).isLessThanOrEqualTo(right).isGreaterThanOrEqualTo(synced);
            ours += between(copies, position, right);
            theirs += between(copies, synced, right);
        }
        PROGRESS.line(steps().size() + " groups in a prefix of " + prefixEnd + " offsets: skipped 0, read again " + ours
                + " records in all, by MirrorMaker's own group sync " + theirs);
        assertThat(awaitPosition("flights-at-" + steps().get(steps().size() - 1)))
                .isPositive();
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            Map<String, ReplicaPosition> announced = reports.positions();
            for (long at : steps()) {
                assertThat(Objects.requireNonNull(announced.get("flights-at-" + at))
                                .notice())
                        .as("of " + at)
                        .hasValueSatisfying(
                                notice -> assertThat(notice).contains("exact=false on [" + MirrorPair.EVENTS + "-0]"));
            }
            assertThat(Objects.requireNonNull(announced.get("flights-after")).notice())
                    .isEmpty();
        });
    }

    private static long between(SortedMap<Long, Long> copies, long from, long to) {
        return copies.values().stream()
                .filter(offset -> from <= offset && offset < to)
                .count();
    }

    @Test
    void eachRecordIsThereOnce() {
        assertThat(values(pair.west)).containsExactlyElementsOf(values(pair.east));
    }

    @Test
    void theClusterWithoutAuthorizerIsNamedAndTheRestGoesOn() throws Exception {
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "flights-app"));
        east.alterClientQuotas(List.of(new ClientQuotaAlteration(
                        entity, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9)))))
                .all()
                .get();

        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "no-authorizer", "east-west");

        assertThat(alarm.message())
                .contains("the Kafka cluster of region west has no authorizer", "authorizer.class.name", "acls: false")
                .doesNotContain("region east");
        assertThat(alarm.blocking()).isTrue();
        await().atMost(SOON)
                .until(() -> west.describeClientQuotas(ClientQuotaFilter.all())
                        .entities()
                        .get()
                        .containsKey(entity));
    }

    @Test
    void aStandbyThatCannotFenceTheMirrorIsNotReadyAndTheStepSaysWhy() throws Exception {
        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "no-fence", "west");

        assertThat(alarm.message()).contains("region west has no authorizer", "authorizer.class.name");
        assertThat(alarm.blocking()).as("it makes the standby not ready").isTrue();
        try (RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            StepOutcome outcome =
                    new StepRunContext(pair.platform, MirrorPair.FLOW).outcome(new FenceMirrorStep(clients));
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            StepOutcome.Failed.class,
                            failed -> assertThat(failed.reason())
                                    .contains(
                                            "region west has no authorizer, so the mirror of east-west cannot be fenced on it")
                                    .contains("set authorizer.class.name on its brokers"));
        }
    }

    @Test
    void aTopicWithMorePartitionsIsNamedAndMirrored() throws Exception {
        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "partitions", WIDE);

        assertThat(alarm.message())
                .contains("2 partitions on west and 1 on east", "add partitions on east", "delete the topic on west");
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> LinearScan.of(pair.west.client(Principal.ADMIN), List.of(WIDE)).records().values().stream()
                                .mapToInt(List::size)
                                .sum()
                        == 1);
    }

    @Test
    void aMirrorMakerWithNothingButTheStampStampsItsRecords() throws Exception {
        TopicPartition renamed = new TopicPartition("east." + WIDE, 0);
        ConsumerRecord<byte[], byte[]> copy = LinearScan.of(pair.west.client(Principal.ADMIN), List.of(renamed.topic()))
                .of(LinearScan.key(renamed))
                .get(0);

        assertThat(ProvenanceStamp.of(copy.headers()))
                .contains(new ProvenanceStamp(
                        Uuid.fromString(east.describeCluster().clusterId().get()),
                        Objects.requireNonNull(east.describeTopics(List.of(WIDE))
                                        .allTopicNames()
                                        .get()
                                        .get(WIDE))
                                .topicId(),
                        0,
                        0));
    }

    @Test
    void aCopyUnderAPrefixIsNamed() {
        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "renamed-copy", "east." + WIDE);

        assertThat(alarm.message()).contains("topic east." + WIDE + " on west", "end the other mirror");
    }

    @Test
    void aTopicWithOtherRecordsThanTheSourcesIsMirroredBehindThem() throws Exception {
        CommandScene.publish(pair.east, APART, "theirs", 2);

        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(texts(pair.west, APART))
                        .containsExactly("own 0", "own 1", "own 2", "theirs 0", "theirs 1"));
    }

    /** It stops the mirror, so it comes after the others. */
    @Test
    @Order(Integer.MAX_VALUE - 2)
    void aTopicOfWhichItCannotBeToldIsRefusedUntilSomebodyDecides() throws Exception {
        CommandScene.publish(pair.east, TRIMMED, "new", 2);
        Path log = directory.resolve("replicator/replicator-west.log");
        String unknown = " is no longer mirrored: the flow has no offset for it, and whether west has its records"
                + " already cannot be told: ";
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(Files.readString(log))
                        .contains(
                                TIMED + unknown + "it has keys and values of the source's records, but other times,"
                                        + " because message.timestamp.type=LogAppendTime",
                                TRIMMED + unknown
                                        + "none of its first and its last 20 records is found on the source, where"
                                        + " they may have been deleted"));
        assertThat(texts(pair.west, TIMED)).hasSize(50);
        assertThat(texts(pair.west, TRIMMED)).hasSize(MANY);

        PlainMirrorMaker.whileTheFlowIsStopped(pair, () -> setOffset(TRIMMED, "{\"offset\":-1}"));

        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() ->
                        assertThat(texts(pair.west, TRIMMED)).hasSize(MANY + 2).endsWith("new 0", "new 1"));
    }

    /** It stops the mirror, so it comes after the others. */
    @Test
    @Order(Integer.MAX_VALUE - 1)
    void aTopicThatWasNotHandedOverIsRefusedInsteadOfMirroredTwice() throws Exception {
        publish(TWICE.topic(), "after");
        Path log = directory.resolve("replicator/replicator-west.log");
        await().atMost(SOON)
                .until(() -> Files.readString(log)
                        .contains(TWICE + " is no longer mirrored: the flow has no offset for it, and west has its"
                                + " records already: another mirror, which did not stamp them, brought them, up to offset 49"
                                + " of the source"));
        reports.awaitAlarm(MirrorPair.GROUP, "no-progress", TWICE.toString());
        assertThat(texts(pair.west, TWICE)).hasSize(50);

        CommandScene.publish(pair.east, TIMED, "later", 1);
        PlainMirrorMaker.whileTheFlowIsStopped(pair, forgotten::handOver);
        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(texts(pair.west, TWICE)).containsExactlyElementsOf(texts(pair.east, TWICE)));
        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(texts(pair.west, TIMED)).containsExactlyElementsOf(texts(pair.east, TIMED)));

        PlainMirrorMaker.whileTheFlowIsStopped(pair, () -> setOffset(TWICE, "null"));
        publish(TWICE.topic(), "after all");
        await().atMost(SOON)
                .until(() -> Files.readString(log)
                        .contains("west has its records already: a flow brought them, up to offset 50 of the source"));
        assertThat(texts(pair.west, TWICE)).hasSize(51);
    }

    private static void setOffset(TopicPartition partition, String offset) throws Exception {
        assertThat(pair.connect
                        .patchOffsets(
                                PlainMirrorMaker.flow(),
                                Json.MAPPER.readTree("{\"offsets\":[{\"partition\":{\"cluster\":\"east\",\"topic\":\""
                                        + partition.topic() + "\",\"partition\":" + partition.partition()
                                        + "},\"offset\":" + offset + "}]}"))
                        .ifOk())
                .isPresent();
    }

    private static List<String> texts(KafkaServer cluster, TopicPartition partition) {
        return LinearScan.texts(LinearScan.of(cluster.client(Principal.ADMIN), List.of(partition.topic())), partition);
    }

    /** The last, because a standstill is told after half a minute. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aRecordTooLargeForTheStandbyIsNamedAndTheRestGoesOn() throws Exception {
        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "no-progress", HUGE + "-0");

        assertThat(alarm.message()).contains("offset 0 of east waits");
        assertThat(Files.readString(directory.resolve("replicator/replicator-west.log")))
                .contains(
                        HUGE + "-0 is no longer mirrored: at offset 0: a record of ",
                        " is too large for topic " + HUGE + " on west",
                        "raise its max.message.bytes");
    }

    /** In transactions, so that offsets differ between the clusters; some are aborted. */
    private static void writeEvents(int round) throws Exception {
        Map<String, Object> settings = new HashMap<>(pair.east.client(Principal.APP));
        settings.put("transactional.id", "events");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < TRANSACTIONS; i++) {
                producer.beginTransaction();
                for (int j = 0; j < BATCH; j++) {
                    byte[] value = (round + "-" + i + "-" + j).getBytes(StandardCharsets.UTF_8);
                    var unused = producer.send(new ProducerRecord<>(EVENTS.topic(), EVENTS.partition(), value, value));
                }
                if (i % ABORTED == 0) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
    }

    private static void publish(String topic, String value) throws Exception {
        Map<String, Object> settings = new HashMap<>(pair.east.client(Principal.APP));
        settings.put("max.request.size", 2 * TOO_LARGE);
        settings.put("buffer.memory", 2L * TOO_LARGE);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topic, 0, null, value.getBytes(StandardCharsets.UTF_8)))
                    .get();
        }
    }

    /** @return the source offset behind the last record */
    private static long awaitMirrored(int rounds) {
        int records = rounds * COMMITTED;
        // A commit is acknowledged before its markers are written.
        await().atMost(SOON).ignoreExceptions().until(() -> values(pair.east).size() == records);
        await().atMost(SOON).ignoreExceptions().until(() -> values(pair.west).size() >= records);
        LinearScan source = LinearScan.of(pair.east.client(Principal.ADMIN), List.of(EVENTS.topic()));
        return source.of(LinearScan.key(EVENTS)).get(records - 1).offset() + 1;
    }

    private static List<String> values(KafkaServer cluster) {
        return LinearScan.texts(LinearScan.of(cluster.client(Principal.ADMIN), List.of(EVENTS.topic())), EVENTS);
    }

    /** The standby's offset of each source record, by its text: what a stamp says is not asked. */
    private static SortedMap<Long, Long> copies() {
        Map<String, Long> offsets = new HashMap<>();
        LinearScan.of(pair.west.client(Principal.ADMIN), List.of(EVENTS.topic()))
                .of(LinearScan.key(EVENTS))
                .forEach(record -> offsets.put(LinearScan.text(record), record.offset()));
        SortedMap<Long, Long> copies = new TreeMap<>();
        LinearScan.of(pair.east.client(Principal.ADMIN), List.of(EVENTS.topic()))
                .of(LinearScan.key(EVENTS))
                .forEach(record -> copies.put(record.offset(), offsets.get(LinearScan.text(record))));
        return copies;
    }

    /** A group each {@link #STEP} offsets of the prefix, and one at its end. */
    private static void groupsAt(String prefix) throws Exception {
        for (long at : steps()) {
            commit(prefix + at, at);
        }
        commit(prefix + prefixEnd, prefixEnd);
    }

    /** The standby's offset of the first record that a group at this source position has not had. */
    private static long right(SortedMap<Long, Long> copies, long position) {
        return copies.tailMap(position).values().iterator().next();
    }

    private static List<Long> steps() {
        return LongStream.iterate(0, at -> at < prefixEnd, at -> at + STEP)
                .boxed()
                .toList();
    }

    private static void commit(String group, long position) throws Exception {
        east.alterConsumerGroupOffsets(group, Map.of(EVENTS, new OffsetAndMetadata(position)))
                .all()
                .get();
    }

    private static long awaitPosition(String group) {
        return await("position of " + group)
                .atMost(SOON)
                .until(() -> position(group), Optional::isPresent)
                .orElseThrow();
    }

    private static Optional<Long> position(String group) throws Exception {
        return StandbyPosition.of(west, group, EVENTS);
    }
}
