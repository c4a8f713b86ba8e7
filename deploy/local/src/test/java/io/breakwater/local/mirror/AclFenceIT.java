package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.app.AclFenceDuty;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.FenceState;
import io.breakwater.controller.core.Gate;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.fence.AclCluster;
import io.breakwater.controller.fence.AclClusters;
import io.breakwater.controller.fence.RegionFences;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.controller.runbook.steps.AwaitLeaseLapsedStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Platform;
import io.breakwater.region.FenceLabel;
import io.breakwater.region.RegionClients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A region of two brokers without the plugin: ACLs close it, and open it as it was. */
class AclFenceIT {

    private static final String TOPIC = "flights.events";
    private static final String CONSUMERS = "flights-processor";
    private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private static Path directory;

    private static KafkaServer east;
    private static KafkaServer second;
    private static Admin admin;

    /** What people made, before any fence. */
    private static Set<AclBinding> before = Set.of();

    private final Deque<RegionClients> clients = new ArrayDeque<>();

    @BeforeAll
    static void start() throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        east = KafkaServer.in(layout, "kafka-acl-fence-it", directory.resolve("first"));
        east.start(Progress.to(System.out));
        second = east.joinedBy(layout, "kafka-acl-fence-it-2", directory.resolve("second"), 2);
        second.start(Progress.to(System.out));
        admin = Admin.create(east.client(Principal.ADMIN));
        admin.createTopics(List.of(new NewTopic(TOPIC, Map.of(0, List.of(1), 1, List.of(2)))))
                .all()
                .get();
        admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get();
        List<AclBinding> people = new ArrayList<>();
        for (Principal principal : List.of(Principal.APP, Principal.PIPELINE, Principal.MIRROR)) {
            people.add(acl(ResourceType.TOPIC, "flights.", principal, AclOperation.ALL, AclPermissionType.ALLOW));
            people.add(acl(ResourceType.GROUP, "flights-", principal, AclOperation.ALL, AclPermissionType.ALLOW));
            people.add(acl(ResourceType.TRANSACTIONAL_ID, "t-", principal, AclOperation.ALL, AclPermissionType.ALLOW));
        }
        people.add(acl(ResourceType.TOPIC, "flights.x", Principal.APP, AclOperation.READ, AclPermissionType.DENY));
        people.add(acl(ResourceType.GROUP, "flights-", Principal.PIPELINE, AclOperation.READ, AclPermissionType.DENY));
        admin.createAcls(people).all().get();
        before = Set.copyOf(people);
        await().atMost(LIMIT).ignoreExceptions().until(() -> {
            write(Principal.APP, 0);
            write(Principal.APP, 1);
            return true;
        });
    }

    @AfterAll
    static void stop() {
        admin.close();
        second.close();
        east.close();
    }

    @AfterEach
    void close() {
        clients.forEach(RegionClients::close);
    }

    @Test
    void nothingIsTakenAfterTheFenceIsConfirmedAndItsOpeningLeavesTheAclsAsTheyWere() throws Exception {
        StepRunContext steps = context(fencedBy(Principal.DRILL));
        Writer writer = new Writer();
        Thread plain = new Thread(writer);
        JsonNode detail;
        long closedAt;
        try (KafkaProducer<byte[], byte[]> open = producer(Principal.APP, Map.of("transactional.id", "t-1"));
                KafkaProducer<byte[], byte[]> job = producer(Principal.PIPELINE, Map.of("transactional.id", "t-2"))) {
            begin(open);
            begin(job);
            plain.start();
            await().atMost(LIMIT).until(() -> writer.taken.get() > 0);

            detail = steps.run(step());
            closedAt = System.nanoTime();

            assertThatThrownBy(open::commitTransaction).isInstanceOf(AuthorizationException.class);
            assertThatThrownBy(job::commitTransaction).isInstanceOf(AuthorizationException.class);
        }
        int refusedBefore = writer.refused.get();
        await().atMost(LIMIT).until(() -> writer.refused.get() > refusedBefore + 20);
        writer.ended.set(true);
        plain.join(LIMIT.toMillis());
        assertThat(writer.lastTakenSentAt.get()).isLessThan(closedAt);
        for (Principal principal : List.of(Principal.APP, Principal.PIPELINE, Principal.CONNECT, Principal.DRILL)) {
            assertRefused(principal, 0);
            assertRefused(principal, 1);
        }
        assertThatThrownBy(() -> commit(Principal.APP)).isInstanceOf(AuthorizationException.class);
        assertThatCode(() -> writeInTransaction(Principal.MIRROR)).doesNotThrowAnyException();
        assertThatCode(() -> commit(Principal.MIRROR)).doesNotThrowAnyException();
        assertThat(read(Principal.APP)).isPositive();
        assertThatCode(() -> write(Principal.ADMIN, 0)).doesNotThrowAnyException();
        assertThat(detail.at("/confirmed/notClosedOut/0").asText()).contains("super.users of brokers 1, 2");
        assertThat(detail.at("/confirmed/principals").toString()).isEqualTo("[\"User:app\",\"User:pipeline\"]");
        GroupState group = steps.state().group(MirrorPair.GROUP).orElseThrow();
        assertThat(group.lease().lapsed()).isTrue();
        assertThat(group.fences()).containsEntry("east", FenceState.confirmed(List.of(1, 2)));

        assertThat(cluster(steps).open(Gate.pipeline, soon())).isEmpty();
        assertThatCode(() -> write(Principal.PIPELINE, 1)).doesNotThrowAnyException();
        assertRefused(Principal.APP, 1);
        assertThat(cluster(steps).open(Gate.ingress, soon())).isEmpty();

        assertAclsAre(before);
        assertThatCode(() -> write(Principal.APP, 0)).doesNotThrowAnyException();
        assertThatCode(() -> write(Principal.APP, 1)).doesNotThrowAnyException();
    }

    @Test
    void whoeverComesAfterACrashEndsWhatWasBegun() throws Exception {
        Platform platform = fencedBy(Principal.DRILL);
        StepRunContext first = context(platform);
        assertThat(cluster(first).close(soon())).isInstanceOf(AclCluster.Closing.Closed.class);
        Set<AclBinding> closed = acls();
        AclBinding lost =
                acl(ResourceType.TOPIC, "flights.", Principal.APP, AclOperation.WRITE, AclPermissionType.DENY);
        assertThat(closed).contains(lost, FenceLabel.of(lost));
        admin.deleteAcls(List.of(lost.toFilter())).all().get();

        StepRunContext next = context(platform);
        // The broker that is asked may not know yet what was lost; then the step fails, and is tried again.
        await().atMost(LIMIT).ignoreExceptions().until(() -> next.outcome(step()) instanceof StepOutcome.Done);

        assertAclsAre(closed);
        assertRefused(Principal.APP, 0);
        assertThat(next.state().group(MirrorPair.GROUP).orElseThrow().lease().lapsed())
                .isTrue();
        admin.deleteAcls(List.of(lost.toFilter())).all().get();
        assertThat(cluster(next).open(Gate.ingress, soon())).isEmpty();
        assertAclsAre(before);
        assertThat(cluster(next).open(Gate.ingress, soon())).isEmpty();
        assertAclsAre(before);
    }

    @Test
    void aNewPrincipalIsFoundAndWhereEverybodyIsAllowedNothingIsClosed() throws Exception {
        StepRunContext steps = context(fencedBy(Principal.DRILL));
        assertThat(cluster(steps).close(soon())).isInstanceOf(AclCluster.Closing.Closed.class);
        assertThat(cluster(steps).stands()).isTrue();
        AclBinding late =
                acl(ResourceType.TOPIC, "flights.", Principal.CONNECT, AclOperation.WRITE, AclPermissionType.ALLOW);
        AclBinding all = new AclBinding(
                late.pattern(), new AccessControlEntry("User:*", "*", AclOperation.WRITE, AclPermissionType.ALLOW));

        admin.createAcls(List.of(late)).all().get();
        await().atMost(LIMIT).until(() -> !cluster(steps).stands());
        cluster(steps).close(soon());

        assertRefused(Principal.CONNECT, 0);
        assertThat(cluster(steps).open(Gate.ingress, soon())).isEmpty();
        admin.deleteAcls(List.of(late.toFilter())).all().get();
        admin.createAcls(List.of(all)).all().get();
        await().atMost(LIMIT).until(() -> acls().contains(all) && !acls().contains(late));
        StepOutcome outcome = steps.outcome(step());
        assertThat(((StepOutcome.Failed) outcome).reason())
                .contains("allows everybody", "allow each principal by its name instead");
        assertThat(steps.state().group(MirrorPair.GROUP).orElseThrow().lease().lapsed())
                .isFalse();
        admin.deleteAcls(List.of(all.toFilter())).all().get();
        assertAclsAre(before);
    }

    @Test
    void aStandbyIsClosedByTheLeaderAndARegionThatServesIsOpened() throws Exception {
        Platform standby =
                AclPlatform.of(east.bootstrap(), Principal.ADMIN.clientSettings(), Principal.DRILL, "west", "east");
        CorePlane plane = new CorePlane(standby);

        duty(standby, plane).look(MirrorPair.GROUP);

        assertRefused(Principal.APP, 0);
        assertRefused(Principal.APP, 1);
        assertThat(plane.group().fences()).containsEntry("east", FenceState.confirmed(List.of(1, 2)));
        assertThat(plane.evidence()).hasSize(1).first().asString().contains("\"region-fenced\"", "User:app");
        duty(standby, plane).look(MirrorPair.GROUP);
        assertThat(plane.evidence()).hasSize(1);
        Platform serves = fencedBy(Principal.DRILL);
        CorePlane undone = new CorePlane(serves);

        duty(serves, undone).look(MirrorPair.GROUP);

        assertAclsAre(before);
        assertThatCode(() -> write(Principal.APP, 0)).doesNotThrowAnyException();
        assertThat(undone.evidence()).hasSize(1).first().asString().contains("\"region-opened\"");
    }

    private AclFenceDuty duty(Platform platform, CorePlane plane) {
        clients.push(new RegionClients(platform, Duration.ofSeconds(5)));
        return new AclFenceDuty(
                platform,
                AclClusters.by(clients.element()),
                plane::state,
                event -> plane.propose(event).toCompletableFuture().join(),
                Clock.systemUTC());
    }

    @Test
    void aProbeThatIsASuperuserProvesNothing() throws Exception {
        StepRunContext steps = context(fencedBy(Principal.ADMIN));

        AclCluster.Closing closing = cluster(steps).close(Instant.now().plusSeconds(3));

        assertThat(closing)
                .isInstanceOfSatisfying(
                        AclCluster.Closing.NotClosed.class,
                        not -> assertThat(not.reason())
                                .contains(
                                        "User:admin can still write on brokers [1, 2] of region east", "super.users?"));
        admin.deleteAcls(acls().stream()
                        .filter(acl -> !before.contains(acl))
                        .map(AclBinding::toFilter)
                        .toList())
                .all()
                .get();
    }

    @Test
    void aRegionThatNobodyReachesIsClosedOnlyOnAPersonsWord() throws Exception {
        Map<String, String> impatient = new HashMap<>(Principal.ADMIN.clientSettings());
        impatient.put("default.api.timeout.ms", "1000");
        impatient.put("request.timeout.ms", "500");
        StepRunContext steps = context(AclPlatform.of("127.0.0.1:1", impatient, Principal.DRILL, "east", "west"));

        StepOutcome outcome = steps.outcome(step());

        assertThat(((StepOutcome.Failed) outcome).reason())
                .contains("Kafka of east is not closed", "breakwater approve it --step await-lease-lapsed");
        assertThat(steps.state().group(MirrorPair.GROUP).orElseThrow().lease().lapsed())
                .isFalse();
        steps.propose(new ControlEvent.StepBegan("it", steps.epoch(), Operation.CLOSES, 1));
        steps.propose(new ControlEvent.StepApproved(
                "it", steps.epoch(), Operation.CLOSES, "ada", "its power is off", List.of()));
        JsonNode detail = steps.run(step());
        assertThat(detail.path("answersForIt").asText()).isEqualTo("ada");
        assertThat(steps.state().group(MirrorPair.GROUP).orElseThrow().lease().lapsed())
                .isTrue();
    }

    private StepRunContext context(Platform platform) {
        clients.push(new RegionClients(platform, Duration.ofSeconds(5)));
        return new StepRunContext(platform, MirrorPair.FLOW);
    }

    private AwaitLeaseLapsedStep step() {
        return new AwaitLeaseLapsedStep(RegionFences.by(AclClusters.by(clients.element())));
    }

    private AclCluster cluster(StepRunContext steps) {
        return AclClusters.by(clients.element())
                .of(steps.platform(), MirrorPair.GROUP, MirrorPair.FLOW.from())
                .orElseThrow();
    }

    private static Instant soon() {
        return Instant.now().plus(LIMIT);
    }

    private static Platform fencedBy(Principal probe) {
        return AclPlatform.of(
                east.bootstrap(),
                Principal.ADMIN.clientSettings(),
                probe,
                MirrorPair.FLOW.from(),
                MirrorPair.FLOW.to());
    }

    private static AclBinding acl(
            ResourceType type, String prefix, Principal principal, AclOperation operation, AclPermissionType may) {
        return new AclBinding(
                new ResourcePattern(type, prefix, PatternType.PREFIXED),
                new AccessControlEntry(principal.kafkaPrincipal(), "*", operation, may));
    }

    /** Any of the brokers is asked, and one may be behind. */
    private static void assertAclsAre(Set<AclBinding> expected) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(acls()).isEqualTo(expected));
    }

    private static Set<AclBinding> acls() throws Exception {
        Collection<AclBinding> all =
                admin.describeAcls(AclBindingFilter.ANY).values().get();
        return new HashSet<>(all);
    }

    private static void begin(KafkaProducer<byte[], byte[]> producer) throws Exception {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(record(0)).get();
        producer.send(record(1)).get();
    }

    /** An ordinary writer that tries again and again, in both partitions. */
    private static final class Writer implements Runnable {
        private final AtomicLong lastTakenSentAt = new AtomicLong();
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicBoolean ended = new AtomicBoolean();

        @Override
        public void run() {
            try (KafkaProducer<byte[], byte[]> producer = producer(Principal.APP, Map.of())) {
                for (int i = 0; !ended.get(); i++) {
                    long sentAt = System.nanoTime();
                    try {
                        producer.send(record(i % 2)).get();
                        lastTakenSentAt.set(sentAt);
                        taken.incrementAndGet();
                    } catch (ExecutionException e) {
                        assertThat(e).hasCauseInstanceOf(AuthorizationException.class);
                        refused.incrementAndGet();
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void assertRefused(Principal principal, int partition) {
        assertThatThrownBy(() -> write(principal, partition))
                .as("%s on partition %s", principal, partition)
                .hasCauseInstanceOf(AuthorizationException.class);
    }

    private static void write(Principal principal, int partition) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(principal, Map.of())) {
            producer.send(record(partition)).get();
        }
    }

    private static void writeInTransaction(Principal principal) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(principal, Map.of("transactional.id", "t-mirror"))) {
            begin(producer);
            producer.commitTransaction();
        }
    }

    private static void commit(Principal principal) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(principal)) {
            consumer.assign(List.of(PARTITION));
            consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(1)));
        }
    }

    private static int read(Principal principal) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(principal)) {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            AtomicInteger records = new AtomicInteger();
            await().atMost(LIMIT)
                    .until(() -> records.addAndGet(
                                    consumer.poll(Duration.ofMillis(200)).count())
                            > 0);
            return records.get();
        }
    }

    private static ProducerRecord<byte[], byte[]> record(int partition) {
        return new ProducerRecord<>(TOPIC, partition, null, "flight".getBytes(StandardCharsets.UTF_8));
    }

    private static KafkaProducer<byte[], byte[]> producer(Principal principal, Map<String, Object> more) {
        Map<String, Object> settings = east.client(principal);
        settings.put("linger.ms", 0);
        settings.putAll(more);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Principal principal) {
        Map<String, Object> settings = east.client(principal);
        settings.put("group.id", CONSUMERS);
        settings.put("enable.auto.commit", false);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
