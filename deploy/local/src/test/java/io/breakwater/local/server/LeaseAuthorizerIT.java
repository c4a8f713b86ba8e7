package io.breakwater.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.breakwater.controller.signal.KafkaCanarySignal;
import io.breakwater.controller.signal.SignalReading;
import io.breakwater.local.process.Progress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lease in a real broker, in combined mode, pulled from a stand-in of the controllers. */
class LeaseAuthorizerIT {

    private static final String TOPIC = "flights.events";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final String GROUP = "flights-processor";
    private static final long LONG_LEASE = 30_000;

    @TempDir
    private static Path directory;

    private static ControllerStandIn controller;
    private static KafkaServer kafka;

    @BeforeAll
    static void start() throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "secret");
        controller = new ControllerStandIn("secret");
        KafkaServer.Lease lease = new KafkaServer.Lease("east", List.of(controller.url()), token);
        kafka = KafkaServer.withLease(ProjectLayout.find(), "kafka-lease-it", directory.resolve("kafka"), lease);
        kafka.start(Progress.to(System.out));
        try (Admin admin = Admin.create(kafka.client(Principal.ADMIN))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1), new NewTopic("other", 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
        controller.close();
    }

    @BeforeEach
    void close() {
        grant(false, false, LONG_LEASE);
    }

    @Test
    void ordinaryWritesNeedTheLeaseOthersDoNot() throws Exception {
        assertThatThrownBy(() -> write(Principal.APP, TOPIC)).hasCauseInstanceOf(AuthorizationException.class);
        assertThatCode(() -> write(Principal.APP, "other")).doesNotThrowAnyException();
        assertThatCode(() -> write(Principal.ADMIN, TOPIC)).doesNotThrowAnyException();
        assertThatCode(() -> write(Principal.MIRROR, TOPIC)).doesNotThrowAnyException();

        grant(true, true, LONG_LEASE);

        assertThatCode(() -> write(Principal.APP, TOPIC)).doesNotThrowAnyException();
        assertThatCode(() -> write(Principal.PIPELINE, TOPIC)).doesNotThrowAnyException();
    }

    @Test
    void thePipelineGoesInAlone() {
        grant(false, true, LONG_LEASE);

        assertThatCode(() -> write(Principal.PIPELINE, TOPIC)).doesNotThrowAnyException();
        assertThatThrownBy(() -> write(Principal.APP, TOPIC)).hasCauseInstanceOf(AuthorizationException.class);
    }

    @Test
    void noWriteIsTakenAfterTheLeaseEnded() throws Exception {
        long leaseMillis = 3_000;
        grant(true, true, leaseMillis);
        long lastTakenAt = 0;
        try (KafkaProducer<byte[], byte[]> producer = producer(Principal.APP, Map.of())) {
            producer.send(record(TOPIC)).get();
            controller.fallSilent();
            long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (System.nanoTime() < limit) {
                long askedAt = System.nanoTime();
                try {
                    producer.send(record(TOPIC)).get();
                    lastTakenAt = askedAt;
                } catch (java.util.concurrent.ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(AuthorizationException.class);
                    break;
                }
            }
        }

        long afterThePull = TimeUnit.NANOSECONDS.toMillis(lastTakenAt - controller.lastAnswerAt());
        System.out.println("last write taken " + afterThePull + " ms after the last pull came in");
        assertThat(afterThePull).isBetween(leaseMillis / 2, leaseMillis);
        assertThatThrownBy(() -> write(Principal.PIPELINE, TOPIC)).hasCauseInstanceOf(AuthorizationException.class);
    }

    @Test
    void aTransactionThatIsOpenWhenTheRegionClosesCannotBeCommitted() throws Exception {
        grant(true, true, LONG_LEASE);
        Map<String, Object> transactional = Map.of("transactional.id", "app-1", "transaction.timeout.ms", 5_000);
        long offset;
        try (KafkaProducer<byte[], byte[]> producer = producer(Principal.APP, transactional)) {
            producer.initTransactions();
            producer.beginTransaction();
            offset = producer.send(record(TOPIC)).get().offset();

            grant(false, false, LONG_LEASE);

            assertThatThrownBy(producer::commitTransaction).isInstanceOf(AuthorizationException.class);
        }
        // The broker's own coordinator ends it, so that readers do not wait for ever.
        waiting().until(() -> lastStable() > offset);
        assertThat(readCommitted(offset)).isEmpty();
    }

    @Test
    void commitsNeedTheLeaseReadingDoesNot() throws Exception {
        write(Principal.ADMIN, TOPIC);

        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Principal.APP)) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            waiting().until(() -> !consumer.poll(Duration.ofMillis(200)).isEmpty());
            Map<TopicPartition, OffsetAndMetadata> position = Map.of(PARTITION, new OffsetAndMetadata(1));
            assertThatThrownBy(() -> consumer.commitSync(position)).isInstanceOf(AuthorizationException.class);

            grant(true, true, LONG_LEASE);

            assertThatCode(() -> consumer.commitSync(position)).doesNotThrowAnyException();
        }
    }

    @Test
    void aclsGoOnWorkingAndBothMustAllow() throws Exception {
        grant(true, true, LONG_LEASE);
        AclBinding denied = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, TOPIC, PatternType.LITERAL),
                new AccessControlEntry("User:mirror", "*", AclOperation.WRITE, AclPermissionType.DENY));
        try (Admin admin = Admin.create(kafka.client(Principal.ADMIN))) {
            admin.createAcls(List.of(denied)).all().get();
            waiting()
                    .untilAsserted(() -> assertThatThrownBy(() -> write(Principal.MIRROR, TOPIC))
                            .hasCauseInstanceOf(AuthorizationException.class));
            admin.deleteAcls(List.of(denied.toFilter())).all().get();
        }
        waiting()
                .untilAsserted(() ->
                        assertThatCode(() -> write(Principal.MIRROR, TOPIC)).doesNotThrowAnyException());
    }

    /** As the page about drills tells it: exempt from the lease, and held by ACLs to names that begin with drill-. */
    @Test
    void aDrillsPrincipalWritesInAClosedRegionWhatBeginsWithDrill() throws Exception {
        String drilled = "drill-20261123t000000z." + TOPIC;
        List<AclBinding> denied =
                List.of(denied(ResourceType.TOPIC, "flights."), denied(ResourceType.TRANSACTIONAL_ID, "flights-"));
        try (Admin admin = Admin.create(kafka.client(Principal.ADMIN))) {
            admin.createTopics(List.of(new NewTopic(drilled, 1, (short) 1)))
                    .all()
                    .get();
            admin.createAcls(denied).all().get();
        }

        waiting()
                .untilAsserted(() -> assertThatThrownBy(() -> write(Principal.DRILL, TOPIC))
                        .hasCauseInstanceOf(AuthorizationException.class));
        assertThatCode(() -> writeInTransaction(Principal.DRILL, "drill-20261123t000000z-0", drilled))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> writeInTransaction(Principal.DRILL, "flights-west-2-0", drilled))
                .isInstanceOf(AuthorizationException.class);
        assertThatThrownBy(() -> writeInTransaction(Principal.PIPELINE, "drill-20261123t000000z-1", drilled))
                .isInstanceOf(AuthorizationException.class);
    }

    private static AclBinding denied(ResourceType type, String prefix) {
        return new AclBinding(
                new ResourcePattern(type, prefix, PatternType.PREFIXED),
                new AccessControlEntry(
                        Principal.DRILL.kafkaPrincipal(), "*", AclOperation.WRITE, AclPermissionType.DENY));
    }

    private static void writeInTransaction(Principal principal, String transactionalId, String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                producer(principal, Map.of("transactional.id", transactionalId))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(record(topic)).get();
            producer.commitTransaction();
        }
    }

    @Test
    void aBrokerThatStartsWithoutControllersIsClosed() throws Exception {
        grant(true, true, LONG_LEASE);
        write(Principal.APP, TOPIC);
        controller.fallSilent();

        kafka.kill();
        kafka.start(Progress.to(System.out));

        assertThatThrownBy(() -> write(Principal.APP, TOPIC)).hasCauseInstanceOf(AuthorizationException.class);
        assertThatThrownBy(() -> write(Principal.APP, "other")).hasCauseInstanceOf(AuthorizationException.class);
        assertThatCode(() -> write(Principal.MIRROR, TOPIC)).doesNotThrowAnyException();
    }

    @Test
    void theSignalsOfAClosedRegionAreHealthyAndNameWhatIsMissing() throws Exception {
        grant(false, false, LONG_LEASE);
        ProjectLayout layout = ProjectLayout.find();
        AclBinding denied = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, KafkaCanarySignal.TOPIC, PatternType.LITERAL),
                new AccessControlEntry(
                        Principal.APP.kafkaPrincipal(), "*", AclOperation.WRITE, AclPermissionType.DENY));
        try (WatchedKafka watched = new WatchedKafka(kafka, Principal.APP);
                KafkaServer second = kafka.joinedBy(layout, "kafka-lease-it-2", directory.resolve("second"), 2);
                Admin admin = Admin.create(kafka.client(Principal.ADMIN))) {
            // Made while there is one broker, so that nothing of them is lost with the second.
            watched.await("kafka-canary", SignalReading.Healthy.class, "");
            watched.await("connect-workers", SignalReading.Unhealthy.class, "0 of 1 expected Connect workers");
            second.start(Progress.to(System.out));
            admin.createTopics(List.of(new NewTopic("replicated", Map.of(0, List.of(1, 2)))))
                    .all()
                    .get();
            watched.await("kafka-brokers", SignalReading.Healthy.class, "");
            watched.await("kafka-replicas", SignalReading.Healthy.class, "");

            second.kill();

            watched.await("kafka-brokers", SignalReading.Unhealthy.class, "[2]");
            watched.await("kafka-replicas", SignalReading.Unhealthy.class, "replicated-0");
            watched.await("kafka-metadata", SignalReading.Healthy.class, "");
            watched.await("kafka-canary", SignalReading.Healthy.class, "");

            admin.createAcls(List.of(denied)).all().get();
            watched.await("kafka-canary", SignalReading.NotPermitted.class, "it needs WRITE, READ and DESCRIBE");
            admin.deleteAcls(List.of(denied.toFilter())).all().get();
            watched.await("kafka-canary", SignalReading.Healthy.class, "");
            admin.deleteTopics(List.of("replicated")).all().get();
            admin.unregisterBroker(2).all().get();
        }
    }

    /** Returns when the broker surely has it: the second answer was taken over before the third pull. */
    private static void grant(boolean ingress, boolean pipeline, long leaseMillis) {
        controller.grant(ingress, pipeline, leaseMillis);
        long before = controller.answers();
        waiting().until(() -> controller.answers() >= before + 2);
    }

    private static ConditionFactory waiting() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(50));
    }

    private static void write(Principal principal, String topic) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(principal, Map.of())) {
            producer.send(record(topic)).get();
        }
    }

    private static ProducerRecord<byte[], byte[]> record(String topic) {
        return new ProducerRecord<>(topic, 0, null, "flight".getBytes(StandardCharsets.UTF_8));
    }

    private static KafkaProducer<byte[], byte[]> producer(Principal principal, Map<String, Object> more) {
        Map<String, Object> settings = kafka.client(principal);
        settings.put("linger.ms", 0);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Principal principal) {
        Map<String, Object> settings = kafka.client(principal);
        settings.put("group.id", GROUP);
        settings.put("enable.auto.commit", false);
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static long lastStable() {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Principal.APP)) {
            return consumer.endOffsets(List.of(PARTITION)).values().iterator().next();
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> readCommitted(long from) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(Principal.APP)) {
            consumer.assign(List.of(PARTITION));
            consumer.seek(PARTITION, from);
            return consumer.poll(Duration.ofSeconds(2)).records(PARTITION);
        }
    }
}
