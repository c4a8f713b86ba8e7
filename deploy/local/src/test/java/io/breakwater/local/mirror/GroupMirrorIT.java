package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
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
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsResult;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Positions of groups, followed from one real cluster to another by a real replicator. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GroupMirrorIT extends FollowedGroups {

    private static final Duration FRESH = Duration.ofSeconds(5);

    @Test
    void aCommitIsOnTheStandbyWithinASecond() throws Exception {
        List<Duration> ages = new ArrayList<>();
        commit("flights-fresh", EVENTS, 0);
        awaitPosition("flights-fresh", EVENTS, 0);
        for (int position = 1; position <= 100; position++) {
            long began = System.nanoTime();
            commit("flights-fresh", EVENTS, position);
            awaitPosition("flights-fresh", EVENTS, position);
            ages.add(Duration.ofNanos(System.nanoTime() - began));
        }
        ages.sort(Duration::compareTo);
        PROGRESS.line("freshness of " + ages.size() + " commits: p50=" + ages.get(49) + " p99=" + ages.get(98) + " max="
                + ages.get(99));
        assertThat(ages.get(98)).isLessThan(FRESH);
    }

    @Test
    void aThousandPartitionsOfGroupsAreTranslated() throws Exception {
        List<Map.Entry<String, Long>> expected = new ArrayList<>();
        long began = System.nanoTime();
        for (int group = 0; group < 500; group++) {
            long position = (group * 37L) % RECORDS;
            String name = "flights-many-" + group;
            var unused = east.alterConsumerGroupOffsets(
                    name, Map.of(EVENTS, new OffsetAndMetadata(position), DELAYS, new OffsetAndMetadata(position)));
            expected.add(Map.entry(name, position));
        }
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    Map<String, ListConsumerGroupOffsetsSpec> asked = new HashMap<>();
                    expected.forEach(group -> asked.put(group.getKey(), new ListConsumerGroupOffsetsSpec()));
                    ListConsumerGroupOffsetsResult answers = west.listConsumerGroupOffsets(asked);
                    for (Map.Entry<String, Long> group : expected) {
                        Map<TopicPartition, OffsetAndMetadata> positions = answers.partitionsToOffsetAndMetadata(
                                        group.getKey())
                                .get();
                        if (!isAt(positions, EVENTS, group.getValue()) || !isAt(positions, DELAYS, group.getValue())) {
                            return false;
                        }
                    }
                    return true;
                });
        PROGRESS.line("1000 partitions of 500 groups, from the first commit to all on the standby: "
                + Duration.ofNanos(System.nanoTime() - began));
    }

    private boolean isAt(
            Map<TopicPartition, OffsetAndMetadata> positions, TopicPartition partition, long sourcePosition) {
        OffsetAndMetadata position = positions.get(partition);
        return position != null && position.offset() == target(partition, sourcePosition);
    }

    @Test
    void aResetIsFollowedBackwards() throws Exception {
        commit("flights-reset", EVENTS, 300);
        awaitPosition("flights-reset", EVENTS, 300);

        commit("flights-reset", EVENTS, 20);

        awaitPosition("flights-reset", EVENTS, 20);
    }

    @Test
    void theTextOfACommitIsKeptAndFollowed() throws Exception {
        for (String text : List.of("batch 7", "batch 8", "")) {
            east.alterConsumerGroupOffsets(
                            "flights-text", Map.of(EVENTS, new OffsetAndMetadata(7, Optional.empty(), text)))
                    .all()
                    .get();
            await().atMost(SOON)
                    .until(() ->
                            StandbyPosition.text(west, "flights-text", EVENTS).equals(Optional.of(text)));
        }
        assertThat(position("flights-text", EVENTS)).contains(target(EVENTS, 7));
    }

    @Test
    void aTextThatIsTooLongForTheStandbyIsLeftOutAndThePositionIsThere() throws Exception {
        OffsetAndMetadata withLongText = new OffsetAndMetadata(7, Optional.empty(), "x".repeat(LONGEST_TEXT + 1));
        east.alterConsumerGroupOffsets(
                        "flights-long",
                        Map.of(EVENTS, withLongText, DELAYS, new OffsetAndMetadata(8, Optional.empty(), "short")))
                .all()
                .get();
        commit("flights-beside", EVENTS, 9);

        awaitPosition("flights-long", EVENTS, 7);
        awaitPosition("flights-long", DELAYS, 8);
        awaitPosition("flights-beside", EVENTS, 9);
        assertThat(StandbyPosition.text(west, "flights-long", EVENTS)).contains("");
        assertThat(StandbyPosition.text(west, "flights-long", DELAYS)).contains("short");
        MirrorReports reports = new MirrorReports(pair.west);
        await().atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(
                                Objects.requireNonNull(reports.positions().get("flights-long"))
                                        .notice()
                                        .orElseThrow())
                        .contains(
                                "its positions on [" + LinearScan.key(EVENTS) + "] are kept without the texts",
                                "region west",
                                "offset.metadata.max.bytes"));
        east.alterConsumerGroupOffsets(
                        "flights-long", Map.of(EVENTS, new OffsetAndMetadata(10, Optional.empty(), "shorter")))
                .all()
                .get();
        awaitPosition("flights-long", EVENTS, 10);
        assertThat(StandbyPosition.text(west, "flights-long", EVENTS)).contains("shorter");
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> Objects.requireNonNull(reports.positions().get("flights-long"))
                        .notice()
                        .isEmpty());
    }

    /** The last, because the standby forgets after a minute. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aPositionThatStaysAsItIsIsWrittenAgainBeforeTheStandbyForgetsIt() throws Exception {
        await().atMost(SOON.multipliedBy(2))
                .until(() -> position(FORGOTTEN, EVENTS).isEmpty());

        awaitPosition(RESTING, EVENTS, 7);
        List<Instant> written = StandbyPosition.written(pair.west, RESTING, EVENTS);
        PROGRESS.line(RESTING + " was written at " + written);
        assertThat(Duration.between(written.get(0), written.get(written.size() - 1)))
                .isGreaterThan(Duration.ofSeconds(14));
    }

    @Test
    void deletionsAreFollowed() throws Exception {
        commit("flights-deleted", EVENTS, 10);
        commit("flights-deleted", DELAYS, 10);
        awaitPosition("flights-deleted", EVENTS, 10);
        awaitPosition("flights-deleted", DELAYS, 10);

        east.deleteConsumerGroupOffsets("flights-deleted", Set.of(DELAYS)).all().get();

        await().atMost(SOON).until(() -> position("flights-deleted", DELAYS).isEmpty());
        assertThat(position("flights-deleted", EVENTS)).contains(target(EVENTS, 10));
        east.deleteConsumerGroups(List.of("flights-deleted")).all().get();
        await().atMost(SOON).until(() -> position("flights-deleted", EVENTS).isEmpty());
    }

    @Test
    void aTransactionalCommitCountsWhenItIsCommitted() throws Exception {
        commit("flights-transactional", EVENTS, 10);
        awaitPosition("flights-transactional", EVENTS, 10);
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "group-mirror"))) {
            producer.initTransactions();

            producer.beginTransaction();
            send(producer, 200);
            producer.abortTransaction();

            awaitBarrier();
            assertThat(position("flights-transactional", EVENTS)).contains(target(EVENTS, 10));
            producer.beginTransaction();
            send(producer, 100);
            awaitBarrier();
            assertThat(position("flights-transactional", EVENTS)).contains(target(EVENTS, 10));
            // What is committed behind an open transaction can't be read there before it ends.
            String beside = besideInTheOffsetsTopic("flights-transactional");
            commit(beside, EVENTS, 42);
            awaitPosition(beside, EVENTS, 42);
            producer.commitTransaction();
            awaitPosition("flights-transactional", EVENTS, 100);
        }
    }

    @Test
    void aGroupOfTheNewProtocolGoesOnAtTheSameRecord() throws Exception {
        long read;
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(pair.east, "flights-new")) {
            consumer.subscribe(List.of(MirrorPair.EVENTS));
            ConsumerRecord<byte[], byte[]> last = firstOf(consumer);
            read = last.offset() + 1;
            consumer.commitSync(Map.of(EVENTS, new OffsetAndMetadata(read)));
        }
        awaitPosition("flights-new", EVENTS, read);

        try (KafkaConsumer<byte[], byte[]> consumer = consumer(pair.west, "flights-new")) {
            consumer.subscribe(List.of(MirrorPair.EVENTS));
            assertThat(LinearScan.stamp(firstOf(consumer))).isEqualTo(read);
        }
    }

    @Test
    void aGroupThatIsActiveOnTheStandbyIsLeftAlone() throws Exception {
        commit("flights-active", EVENTS, 10);
        awaitPosition("flights-active", EVENTS, 10);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(pair.west, "flights-active")) {
            consumer.subscribe(List.of(MirrorPair.EVENTS));
            var unused = firstOf(consumer);
            consumer.commitSync(Map.of(EVENTS, new OffsetAndMetadata(3)));

            commit("flights-active", EVENTS, 200);

            awaitBarrier();
            awaitBarrier();
            assertThat(position("flights-active", EVENTS)).contains(3L);
        }
        awaitPosition("flights-active", EVENTS, 200);
    }

    @Test
    void aGroupThatProducesWaitsForItsOutputs() throws Exception {
        commit("flights-maker", EVENTS, 10);
        awaitPosition("flights-maker", EVENTS, 10);
        try (KafkaProducer<byte[], byte[]> producer = producer(Map.of("transactional.id", "maker"))) {
            producer.initTransactions();
            // What the mirror cannot bring yet.
            producer.beginTransaction();
            producer.send(record(new TopicPartition(MirrorPair.DELAYS, 0), 1)).get();

            commit("flights-maker", EVENTS, 20);

            awaitBarrier();
            awaitBarrier();
            assertThat(position("flights-maker", EVENTS)).contains(target(EVENTS, 10));
            producer.commitTransaction();
        }
        awaitPosition("flights-maker", EVENTS, 20);
    }

    @Test
    void whatMayNotBeReadIsPolledAndTheRestGoesOn() throws Exception {
        commit("flights-forbidden", EVENTS, 10);
        awaitPosition("flights-forbidden", EVENTS, 10);
        List<AclBinding> denied = List.of(
                denied(ResourceType.TOPIC, "__consumer_offsets", AclOperation.READ),
                denied(ResourceType.GROUP, "flights-forbidden", AclOperation.DESCRIBE));
        east.createAcls(denied).all().get();
        try {
            await().atMost(SOON).until(() -> mirrorMayNotRead("__consumer_offsets"));
            // Ends the last fetch that was still allowed.
            awaitBarrier();
            commit("flights-forbidden", EVENTS, 30);
            awaitBarrier();
            awaitBarrier();
            // Neither followed nor deleted.
            assertThat(position("flights-forbidden", EVENTS)).contains(target(EVENTS, 10));
            await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
                assertThat(Objects.requireNonNull(
                                        new MirrorReports(pair.west).positions().get("flights-forbidden"))
                                .notice()
                                .orElseThrow())
                        .contains("cannot be read on the cluster of region east", "DESCRIBE on the group");
                assertThat(Files.readString(log))
                        .contains(
                                "cluster of region east: positions are polled",
                                "instead of read from"
                                        + " __consumer_offsets, the mirror's principal may not read it: allow it READ");
            });
        } finally {
            east.deleteAcls(denied.stream().map(AclBinding::toFilter).toList())
                    .all()
                    .get();
        }
        awaitPosition("flights-forbidden", EVENTS, 30);
    }

    private static AclBinding denied(ResourceType type, String name, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry(Principal.MIRROR.kafkaPrincipal(), "*", operation, AclPermissionType.DENY));
    }

    private boolean mirrorMayNotRead(String topic) {
        Map<String, Object> settings = new HashMap<>(pair.east.client(Principal.MIRROR));
        settings.put("auto.offset.reset", "earliest");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            consumer.poll(Duration.ofSeconds(5));
            return false;
        } catch (TopicAuthorizationException e) {
            return true;
        }
    }

    @Test
    void theStartOfAShareGroupIsKept() throws Exception {
        east.alterShareGroupOffsets("flights-share", Map.of(EVENTS, 50L)).all().get();

        awaitStart("flights-share", target(EVENTS, 50));
        east.alterShareGroupOffsets("flights-share", Map.of(EVENTS, 30L)).all().get();
        awaitStart("flights-share", target(EVENTS, 30));
    }

    @Test
    void aStreamsApplicationGoesOnAtTheSameRecordWithItsState(@TempDir Path state) throws Exception {
        TopicPartition words = new TopicPartition(CountingApp.INPUT, 0);
        TopicPartition changelog = new TopicPartition(CountingApp.CHANGELOG, 0);
        east.createTopics(List.of(
                        new NewTopic(words.topic(), 1, (short) 1), new NewTopic(CountingApp.OUTPUT, 1, (short) 1)))
                .all()
                .get();
        CountingApp.write(pair.east, 50);
        try (CountingApp app = new CountingApp(pair.east, state.resolve("east"))) {
            await().atMost(SOON).until(app::isRunning);
            CountingApp.awaitCounts(pair.east, 50);
        }
        assertThat(east.describeStreamsGroups(List.of(CountingApp.ID))
                        .all()
                        .get()
                        .values())
                .extracting(StreamsGroupDescription::groupState)
                .containsExactly(GroupState.EMPTY);
        CountingApp.write(pair.east, 20);
        CountingApp.awaitCounts(pair.west, 50);
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> CountingApp.records(pair.west, words).size() == 70);
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> CountingApp.records(pair.west, changelog).size()
                        == CountingApp.records(pair.east, changelog).size());
        long next = CountingApp.records(pair.west, words).get(50).offset();
        await("position of " + CountingApp.ID)
                .atMost(SOON)
                .until(() -> position(CountingApp.ID, words).equals(Optional.of(next)));

        try (CountingApp app = new CountingApp(pair.west, state.resolve("west"))) {
            await().atMost(SOON).until(app::isRunning);
            CountingApp.awaitCounts(pair.west, 70);
        }
    }

    private void awaitStart(String group, long expected) {
        await("start of " + group)
                .atMost(SOON)
                .ignoreExceptions()
                .until(() -> west.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                                .partitionsToOffsetInfo(group)
                                .get()
                                .getOrDefault(
                                        EVENTS, new SharePartitionOffsetInfo(-1, Optional.empty(), Optional.empty()))
                                .startOffset()
                        == expected);
    }

    /** Another group, whose positions Kafka keeps on the same partition. */
    private String besideInTheOffsetsTopic(String group) throws Exception {
        int partitions = Objects.requireNonNull(east.describeTopics(List.of(Topic.GROUP_METADATA_TOPIC_NAME))
                        .allTopicNames()
                        .get()
                        .get(Topic.GROUP_METADATA_TOPIC_NAME))
                .partitions()
                .size();
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> group + "-beside-" + i)
                .filter(name -> Utils.abs(name.hashCode()) % partitions == Utils.abs(group.hashCode()) % partitions)
                .findFirst()
                .orElseThrow();
    }

    private void send(KafkaProducer<byte[], byte[]> producer, long position) {
        try (KafkaConsumer<byte[], byte[]> nobody = consumer(pair.east, "flights-transactional")) {
            producer.sendOffsetsToTransaction(Map.of(EVENTS, new OffsetAndMetadata(position)), nobody.groupMetadata());
        }
    }

    private static ConsumerRecord<byte[], byte[]> firstOf(KafkaConsumer<byte[], byte[]> consumer) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        await().pollInSameThread().atMost(SOON).until(() -> {
            records.addAll(consumer.poll(Duration.ofMillis(200)).records(EVENTS));
            return !records.isEmpty();
        });
        return Objects.requireNonNull(records.get(0));
    }

    /** Of the new protocol. */
    private static KafkaConsumer<byte[], byte[]> consumer(KafkaServer cluster, String group) {
        Map<String, Object> settings = new HashMap<>(cluster.client(Principal.APP));
        settings.put("group.id", group);
        settings.put("group.protocol", "consumer");
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", false);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
