package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Alarm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The source loses acknowledged records that the standby has: a replica that was down becomes leader, without the
 * records of the meantime, because nobody else is left.
 */
@Tag("full")
class UncleanElectionIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String TOPIC = "flights.unclean";
    private static final TopicPartition LOSING = new TopicPartition(TOPIC, 0);
    private static final TopicPartition OTHER = new TopicPartition("flights.kept", 0);
    private static final int KEEPING = 1;
    private static final int LEADING = 2;
    private static final int LAGGING = 3;

    @Test
    void whatTheSourceLostIsNamedAndNotOverwritten(@TempDir Path directory) throws Exception {
        ProjectLayout layout = ProjectLayout.find();
        try (MirrorPair pair = new MirrorPair(directory);
                KafkaServer leading = broker(pair.east, layout, directory, LEADING);
                KafkaServer lagging = broker(pair.east, layout, directory, LAGGING)) {
            pair.start(PROGRESS);
            leading.start(PROGRESS);
            lagging.start(PROGRESS);
            pair.startFlow();
            MirrorReports reports = new MirrorReports(pair.west);
            try (Admin east = Admin.create(pair.east.client(Principal.ADMIN));
                    Admin west = Admin.create(pair.west.client(Principal.ADMIN))) {
                createTopic(east);
                publish(pair, LOSING, values("both", 50));
                publish(pair, OTHER, values("other", 10));
                awaitCopy(pair, LOSING, values("both", 50));

                lagging.kill();
                await().atMost(SOON).until(() -> losing(east).isr().size() == 1);
                publish(pair, LOSING, values("lost", 50));
                List<String> copy = Stream.concat(values("both", 50).stream(), values("lost", 50).stream())
                        .toList();
                awaitCopy(pair, LOSING, copy);
                leading.kill();
                lagging.start(PROGRESS);
                await().atMost(SOON).until(() -> leader(east) == LAGGING);
                publish(pair, LOSING, values("new", 10));
                publish(pair, OTHER, values("more", 10));

                Alarm alarm = reports.awaitAlarm(MirrorPair.GROUP, "truncated", TOPIC + "-0");
                assertThat(alarm.blocking()).isTrue();
                assertThat(alarm.message())
                        .contains("partition " + TOPIC + "-0 ended at 60 on east when west had it up to 100")
                        .contains("delete the topic on west");
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(log(directory))
                                .contains(TOPIC + "-0 is no longer mirrored: offset 50 of east comes again after 99"));
                awaitCopy(
                        pair,
                        OTHER,
                        Stream.concat(values("other", 10).stream(), values("more", 10).stream())
                                .toList());
                // Past the old end, where nothing would be noticed any more by looking at ends.
                publish(pair, LOSING, values("later", 100));
                publish(pair, new TopicPartition(MirrorPair.EVENTS, 0), List.of("event"));
                awaitCopy(pair, new TopicPartition(MirrorPair.EVENTS, 0), List.of("event"));
                assertThat(copy(pair, LOSING)).isEqualTo(copy);
                assertThat(reports.alarms(MirrorPair.GROUP)).contains(alarm);

                PROGRESS.line("the remedy: the topic is deleted on west while the connector is stopped");
                new PlainMirrorMaker(pair, PlainMirrorMaker.flow()).stop();
                west.deleteTopics(List.of(TOPIC)).all().get();
                await().atMost(SOON)
                        .until(() -> !west.listTopics().names().get().contains(TOPIC));
                assertThat(pair.connect.resume(PlainMirrorMaker.flow()).ifOk()).isPresent();
                awaitCopy(
                        pair,
                        LOSING,
                        Stream.of(values("both", 50), values("new", 10), values("later", 100))
                                .flatMap(List::stream)
                                .toList());
                await().atMost(SOON)
                        .until(() -> reports.alarms(MirrorPair.GROUP).stream()
                                .noneMatch(open -> open.kind().equals("truncated")));
            }
        }
    }

    private static KafkaServer broker(KafkaServer first, ProjectLayout layout, Path directory, int node)
            throws Exception {
        String name = "kafka-east-" + node;
        return first.joinedBy(layout, name, Files.createDirectories(directory.resolve(name)), node);
    }

    private static void createTopic(Admin east) throws Exception {
        east.createTopics(List.of(
                        new NewTopic(TOPIC, Map.of(0, List.of(LEADING, LAGGING)))
                                .configs(Map.of("unclean.leader.election.enable", "true")),
                        new NewTopic(OTHER.topic(), Map.of(0, List.of(KEEPING)))))
                .all()
                .get();
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> leader(east) == LEADING && losing(east).isr().size() == 2);
    }

    private static TopicPartitionInfo losing(Admin east) throws Exception {
        return east.describeTopics(List.of(TOPIC)).allTopicNames().get().values().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition -> partition.partition() == LOSING.partition())
                .findFirst()
                .orElseThrow();
    }

    private static int leader(Admin east) throws Exception {
        Node leader = losing(east).leader();
        return leader == null ? Node.noNode().id() : leader.id();
    }

    private static List<String> values(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> name + "-" + i).toList();
    }

    private static void publish(MirrorPair pair, TopicPartition partition, List<String> values) throws Exception {
        Map<String, Object> settings = new HashMap<>(pair.east.client(Principal.APP));
        settings.put("acks", "all");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(
                                partition.topic(), partition.partition(), null, value.getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
        }
    }

    private static void awaitCopy(MirrorPair pair, TopicPartition partition, List<String> values) {
        await("copy of " + partition)
                .atMost(SOON)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(copy(pair, partition)).isEqualTo(values));
    }

    private static List<String> copy(MirrorPair pair, TopicPartition partition) {
        return LinearScan.texts(
                LinearScan.of(pair.west.client(Principal.ADMIN), List.of(partition.topic())), partition);
    }

    private static String log(Path directory) throws Exception {
        return Files.readString(directory.resolve("replicator/replicator-west.log"));
    }
}
