package io.breakwater.local.mirror;

import static org.apache.kafka.common.acl.AclPermissionType.ALLOW;
import static org.apache.kafka.common.acl.AclPermissionType.DENY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.Alarm;
import io.breakwater.region.ProvenanceStamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What happens to topics as a whole: made, grown, made anew, cut; each test has topics of its own. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MirrorTopicsIT extends MirroredTopics {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final String NARROW = "flights.narrow";
    private static final int LIMIT = 2_000_000;
    private static final String TIGHT = "10000";

    /** Five of the group of the pair, and three of the one that has neither consumer groups nor access. */
    private static final int CONNECTORS = 8;

    @TempDir
    private static Path directory;

    private static final String ASSETS = """
            - {kind: kafka-topic, pattern: "_schemas", record: system}
            - {kind: kafka-access, passwords: "PASSWORDS"}
            - {kind: kafka-topic, pattern: "gone\\\\..*", deletion: delete-after, deleteAfter: PT5S}
            """;

    /** Of which the source has nothing. */
    private static final String GROUPS = """
            empty:
              home: east
              standby: west
              objectives: {rto: PT1M, rpo: PT30S}
              assets: [{kind: kafka-topic, pattern: "nothing"}]
            """;

    @BeforeAll
    static void startFlow() throws Exception {
        Path passwords = Files.writeString(directory.resolve("passwords.properties"), "flights-app=secret\n");
        pair = new MirrorPair(directory, ASSETS.replace("PASSWORDS", passwords.toString()), GROUPS);
        reports = new MirrorReports(pair.west);
        pair.start(PROGRESS);
        east = Admin.create(pair.east.client(Principal.ADMIN));
        west = Admin.create(pair.west.client(Principal.ADMIN));
        await().atMost(SOON)
                .until(() ->
                        pair.connect.connectors().ifOk().orElse(new TreeSet<>()).size() == CONNECTORS);
        keepNarrow();
        for (String connector : pair.connect.connectors().ifOk().orElseThrow()) {
            assertThat(pair.connect.resume(connector).ifOk()).as(connector).isPresent();
        }
        // As Confluent's schema registry makes it.
        create("_schemas", 1, Map.of("cleanup.policy", "compact"));
        create("gone.soon", 1, Map.of());
        publish(MirrorPair.EVENTS, 0, "a", "b");
        awaitValues(MirrorPair.EVENTS, "a", "b");
        PROGRESS.line("the flow runs");
    }

    /** A topic that has fewer partitions on the standby, where the flow may not add any. */
    private static void keepNarrow() throws Exception {
        create(NARROW, 2, Map.of());
        west.createTopics(List.of(new NewTopic(NARROW, 1, (short) 1))).all().get();
        west.createAcls(List.of(new AclBinding(
                        new ResourcePattern(ResourceType.TOPIC, NARROW, PatternType.LITERAL),
                        new AccessControlEntry(Principal.MIRROR.kafkaPrincipal(), "*", AclOperation.ALTER, DENY))))
                .all()
                .get();
    }

    @AfterAll
    static void stop() {
        east.close();
        west.close();
        pair.close();
    }

    @Test
    void aRecordAtTheSourcesLimitFits() throws Exception {
        create("flights.sized", 1, Map.of("max.message.bytes", String.valueOf(LIMIT)));

        int bytes = LargestRecord.published(pair.east, "flights.sized", LIMIT);

        PROGRESS.line("a value of " + bytes + " bytes is the largest in a topic of " + LIMIT);
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> values("flights.sized").stream().anyMatch(value -> value.length() == bytes));
    }

    @Test
    void aTopicThatGrowsGrowsOnTheStandby() throws Exception {
        create("flights.grown", 1, Map.of());
        publish("flights.grown", 0, "before");
        awaitValues("flights.grown", "before");

        east.createPartitions(Map.of("flights.grown", NewPartitions.increaseTo(3)))
                .all()
                .get();

        publish("flights.grown", 2, "after");
        awaitValues("flights.grown", "before", "after");
    }

    @Test
    void aTopicMadeAnewIsRefusedUntilItsCopyIsDeleted() throws Exception {
        create("flights.anew", 1, Map.of());
        publish("flights.anew", 0, "old-1", "old-2");
        awaitValues("flights.anew", "old-1", "old-2");

        east.deleteTopics(List.of("flights.anew")).all().get();
        await().atMost(SOON).until(() -> !east.listTopics().names().get().contains("flights.anew"));
        create("flights.anew", 1, Map.of());
        publish("flights.anew", 0, "new-1", "new-2", "new-3");

        publish(MirrorPair.DELAYS, 0, "meanwhile");
        awaitValues(MirrorPair.DELAYS, "meanwhile");
        reports.awaitAlarm(MirrorPair.GROUP, "made-anew", "flights.anew");
        assertThat(values("flights.anew")).containsExactly("old-1", "old-2");

        west.deleteTopics(List.of("flights.anew")).all().get();
        awaitTopic(west, "flights.anew");
        awaitValues("flights.anew", "new-1", "new-2", "new-3");
        await().atMost(SOON)
                .until(() -> reports.alarms(MirrorPair.GROUP).stream()
                        .noneMatch(alarm -> alarm.kind().equals("made-anew")));
    }

    @Test
    void aCopyThatIsDeletedUnderTheMirrorIsMadeAnewFromTheBeginning() throws Exception {
        String topic = "flights.deleted";
        create(topic, 2, Map.of());
        publish(topic, 0, "a", "b");
        publish(topic, 1, "x");
        awaitValues(topic, "a", "b", "x");

        west.deleteTopics(List.of(topic)).all().get();

        awaitValues(topic, "a", "b", "x");
        publish(topic, 0, "c");
        publish(topic, 1, "y");
        awaitValues(topic, "a", "b", "c", "x", "y");
    }

    @Test
    void aCopyWithAHoleIsRefusedByATaskThatBeginsAnew() throws Exception {
        String topic = "flights.hole";
        create(topic, 1, Map.of());
        publish(topic, 0, "a", "b");
        awaitValues(topic, "a", "b");
        stopMirror();
        Uuid before = copyId(topic);
        west.deleteTopics(List.of(topic)).all().get();
        await().atMost(SOON).until(() -> !west.listTopics().names().get().contains(topic));
        west.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        awaitTopic(west, topic);
        publish(topic, 0, "c");
        publish(pair.west, topic, 0, "c");
        resumeMirror();

        publish(topic, 0, "d");

        await().atMost(SOON)
                .until(() -> isRefused(
                        topic + "-0",
                        "deleted and made anew on the standby while it was mirrored (it had id " + before));
        assertThat(values(topic)).containsExactly("c");
        stopMirror();
        west.deleteTopics(List.of(topic)).all().get();
        resumeMirror();
        awaitValues(topic, "a", "b", "c", "d");
    }

    private static boolean isRefused(String partition, String why) throws IOException {
        return Files.readString(directory.resolve("replicator/replicator-west.log"))
                .lines()
                .anyMatch(line -> line.contains(partition + " is no longer mirrored: ") && line.contains(why));
    }

    private static Uuid copyId(String topic) throws Exception {
        return Objects.requireNonNull(west.describeTopics(List.of(topic))
                        .allTopicNames()
                        .get()
                        .get(topic))
                .topicId();
    }

    @Test
    void whatTheSourceDeletedBeforeItWasMirroredIsNamedAndTheRestGoesOn() throws Exception {
        create("flights.cut", 1, Map.of());
        publish("flights.cut", 0, "0", "1", "2");
        awaitValues("flights.cut", "0", "1", "2");
        await().atMost(SOON).until(() -> reports.lag("flights.cut").isPresent());
        stopMirror();
        publish("flights.cut", 0, "3", "4", "5", "6", "7", "8");
        await().atMost(SOON).until(() -> reports.lag("flights.cut").orElseThrow() == 6);

        east.deleteRecords(Map.of(new TopicPartition("flights.cut", 0), RecordsToDelete.beforeOffset(7)))
                .all()
                .get();

        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "lost-range", "flights.cut-0@3");
        assertThat(alarm.message()).contains("offsets 3 to 6 of partition flights.cut-0 on east");
        assertThat(alarm.blocking()).isFalse();
        resumeMirror();
        awaitValues("flights.cut", "0", "1", "2", "7", "8");
    }

    @Test
    @Tag("full")
    void aTopicThatTheFlowMayNotReadOrWriteIsNamedAndTheRestGoesOn() throws Exception {
        String mirror = Principal.MIRROR.kafkaPrincipal();
        AclBinding unreadable = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "flights.unreadable", PatternType.LITERAL),
                new AccessControlEntry(mirror, "*", AclOperation.READ, DENY));
        AclBinding unwritable = acl(ResourceType.TOPIC, "flights.unwritable", PatternType.LITERAL, mirror, DENY);
        east.createAcls(List.of(unreadable)).all().get();
        west.createAcls(List.of(unwritable)).all().get();
        create("flights.unreadable", 1, Map.of());
        create("flights.unwritable", 1, Map.of());
        create("flights.well", 1, Map.of());
        publish("flights.unreadable", 0, "hidden");
        publish("flights.unwritable", 0, "refused");
        publish("flights.well", 0, "1");
        awaitValues("flights.well", "1");

        Alarm noPermission = reports.awaitAlarm(MirrorPair.GROUP, "no-permission", "flights.unreadable");
        Alarm noProgress = reports.awaitAlarm(MirrorPair.GROUP, "no-progress", "flights.unwritable-0");

        assertThat(noPermission.message()).contains("may not read topic flights.unreadable on east", "allow it READ");
        assertThat(noProgress.message()).contains("offset 0 of east waits");
        publish("flights.well", 0, "2");
        awaitValues("flights.well", "1", "2");
        east.deleteTopics(List.of("flights.unreadable")).all().get();
        west.deleteAcls(List.of(unwritable.toFilter())).all().get();
        awaitValues("flights.unwritable", "refused");
    }

    @Test
    @Tag("full")
    void whatWasTooLargeGoesOnByItselfOnceTheLimitIsRaised() throws Exception {
        String topic = "flights.tight";
        west.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(Map.of("max.message.bytes", TIGHT))))
                .all()
                .get();
        west.createAcls(List.of(new AclBinding(
                        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
                        new AccessControlEntry(
                                Principal.MIRROR.kafkaPrincipal(), "*", AclOperation.ALTER_CONFIGS, DENY))))
                .all()
                .get();
        create(topic, 2, Map.of());
        String large = "x".repeat(100_000);
        publish(topic, 0, "1", "2", large, "3");
        publish(topic, 1, "a", "b");
        awaitValues(topic, "1", "2", "a", "b");
        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "no-progress", topic + "-0");
        assertThat(alarm.message()).contains("offset 2 of east waits");
        publish(topic, 0, "4");
        publish(topic, 1, "c");
        awaitValues(topic, "1", "2", "a", "b", "c");

        west.incrementalAlterConfigs(Map.of(
                        new ConfigResource(ConfigResource.Type.TOPIC, topic),
                        List.of(new AlterConfigOp(
                                new ConfigEntry("max.message.bytes", "300000"), AlterConfigOp.OpType.SET))))
                .all()
                .get();

        publish(topic, 1, "d");
        awaitValues(topic, "1", "2", large, "3", "4", "a", "b", "c", "d");
        assertThat(LinearScan.texts(
                        LinearScan.of(pair.west.client(Principal.ADMIN), List.of(topic)), new TopicPartition(topic, 0)))
                .containsExactly("1", "2", large, "3", "4");
        await().atMost(SOON)
                .until(() -> reports.alarms(MirrorPair.GROUP).stream()
                        .noneMatch(open -> open.subject().equals(topic + "-0")));
    }

    /** The last, because it is told after a minute. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aTopicWithFewerPartitionsIsNamedAndTheRestGoesOn() throws Exception {
        publish(NARROW, 1, "wide-1");
        publish(NARROW, 0, "narrow");
        awaitValues(NARROW, "narrow");

        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "partitions", NARROW);

        assertThat(alarm.message())
                .contains("topic " + NARROW + " has 2 partitions on east and 1 on west", "allowed to CREATE and ALTER");
        assertThat(alarm.blocking()).isTrue();
        west.createPartitions(Map.of(NARROW, NewPartitions.increaseTo(2))).all().get();
        publish(NARROW, 1, "wide-2");
        awaitValues(NARROW, "narrow", "wide-1", "wide-2");
    }

    @Test
    void aStampOfALaterReleaseIsNamedAndTheRestGoesOn() throws Exception {
        create("flights.later", 1, Map.of());
        publish("flights.later", 0, "1");
        awaitValues("flights.later", "1");
        byte[] later = new ProvenanceStamp(Uuid.randomUuid(), Uuid.randomUuid(), 0, 0).toBytes();
        later[0] = 9;
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>("flights.later", 0, null, new byte[] {1});
        record.headers().add(ProvenanceStamp.HEADER, later);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                pair.west.client(Principal.APP), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(record).get();
        }
        for (String topic : List.of("flights.later", MirrorPair.EVENTS)) {
            east.alterConsumerGroupOffsets(
                            "flights-reader", Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(1)))
                    .all()
                    .get();
        }

        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "unknown-stamp", "flights.later-0");

        assertThat(alarm.message())
                .contains("from east to west", "topic flights.later, partition 0, offset ", "stamp of version 9")
                .contains("use the release here that wrote it there");
        await().atMost(SOON)
                .until(() -> StandbyPosition.of(west, "flights-reader", new TopicPartition(MirrorPair.EVENTS, 0))
                        .isPresent());
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> Objects.requireNonNull(reports.positions().get("flights-reader"))
                        .notice()
                        .filter(notice -> notice.contains("flights.later-0: positions on this partition stay as they")
                                && notice.contains("stamp of version 9"))
                        .isPresent());
        assertThat(reports.lag(MirrorPair.EVENTS)).hasValue(0L);
        east.deleteTopics(List.of("flights.later")).all().get();
        await().atMost(SOON)
                .until(() -> reports.alarms(MirrorPair.GROUP).stream()
                        .noneMatch(open -> open.kind().equals("unknown-stamp")));
    }

    @Test
    void aTopicDeletedOnTheSourceIsDeletedOnTheStandbyByPolicyAndElseKept() throws Exception {
        create("flights.kept", 1, Map.of());
        publish("flights.kept", 0, "a");
        awaitValues("flights.kept", "a");
        awaitTopic(west, "gone.soon");

        east.deleteTopics(List.of("flights.kept", "gone.soon")).all().get();

        await().atMost(SOON).until(() -> !west.listTopics().names().get().contains("gone.soon"));
        assertThat(values("flights.kept")).containsExactly("a");
    }

    @Test
    void aConnectorWithoutATaskIsAnAlarm() {
        Alarm alarm = reports.awaitAlarm("empty", "connector", "empty.kafka-topic.east-west");

        assertThat(alarm.message()).contains("RUNNING without a task");
        assertThat(alarm.blocking()).isTrue();
        reports.awaitAlarm("empty", "no-topic", "nothing");
    }

    @Test
    void aRegistrysRecordsKeepTheirOrderAndAForeignWriteIsAnAlarm() throws Exception {
        List<String> schemas = List.of(schema("delays-value", 1), schema("events-value", 1), schema("events-value", 2));
        publish("_schemas", 0, schemas.toArray(String[]::new));
        await().atMost(SOON).ignoreExceptions().until(() -> values("_schemas").equals(schemas));
        assertThat(reports.alarms(MirrorPair.GROUP))
                .noneMatch(alarm -> alarm.kind().equals("foreign-write"));

        publish(pair.west, "_schemas", 0, schema("foreign-value", 1));

        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "foreign-write", "_schemas-0");
        assertThat(alarm.message()).contains("1 records", "at offset " + (end("_schemas") - 1));
    }

    @Test
    void accessRulesFollowTheSourceAndFencesDoNot() throws Exception {
        AclBinding prefixed = acl(ResourceType.TOPIC, "flights.", PatternType.PREFIXED, "User:flights-app", ALLOW);
        AclBinding group = acl(ResourceType.GROUP, "flights-group", PatternType.LITERAL, "User:flights-app", ALLOW);
        AclBinding denied = acl(ResourceType.TOPIC, "flights.secret", PatternType.LITERAL, "User:guest", DENY);
        AclBinding fence =
                acl(ResourceType.TRANSACTIONAL_ID, "*", PatternType.LITERAL, Principal.MIRROR.kafkaPrincipal(), DENY);
        AclBinding own = acl(ResourceType.TOPIC, "west.only", PatternType.LITERAL, "User:west-app", ALLOW);
        west.createAcls(List.of(own)).all().get();
        east.createAcls(List.of(prefixed, group, denied, fence)).all().get();
        ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "flights-app"));
        east.alterClientQuotas(List.of(new ClientQuotaAlteration(
                        entity, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e9)))))
                .all()
                .get();
        ScramCredentialInfo scram = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192);
        east.alterUserScramCredentials(List.of(
                        new UserScramCredentialUpsertion("flights-app", scram, "secret"),
                        new UserScramCredentialUpsertion("unknown-app", scram, "other")))
                .all()
                .get();

        await().atMost(SOON).until(() -> acls().containsAll(List.of(prefixed, group, denied)));
        await().atMost(SOON)
                .until(() -> west.describeUserScramCredentials().all().get().containsKey("flights-app"));
        await().atMost(SOON)
                .until(() -> west.describeClientQuotas(ClientQuotaFilter.all())
                        .entities()
                        .get()
                        .containsKey(entity));
        assertThat(acls()).contains(own).doesNotContain(fence);
        Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "users", "west");
        assertThat(alarm.message()).contains("unknown-app (SCRAM_SHA_512)").doesNotContain("flights-app");

        east.deleteAcls(List.of(denied.toFilter())).all().get();
        await().atMost(SOON).until(() -> !acls().contains(denied));
        assertThat(acls()).contains(own, prefixed, group);
    }

    private static Collection<AclBinding> acls() throws Exception {
        return west.describeAcls(AclBindingFilter.ANY).values().get();
    }

    private static AclBinding acl(
            ResourceType type, String name, PatternType pattern, String principal, AclPermissionType permission) {
        return new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry(
                        principal,
                        "*",
                        type == ResourceType.GROUP ? AclOperation.READ : AclOperation.WRITE,
                        permission));
    }

    /** As the key of a record of Confluent's schema registry; here also its value. */
    private static String schema(String subject, int version) {
        return "{\"keytype\":\"SCHEMA\",\"subject\":\"" + subject + "\",\"version\":" + version + ",\"magic\":1}";
    }
}
