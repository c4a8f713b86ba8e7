package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flow whose principal has what the table in {@code replicator/docs/topics.md} says, and nothing else. */
class NarrowAccessIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final int RECORDS = 500;
    private static final String FOLLOWER = "flights-narrow";

    private static final String LATER = "flights.later";

    /** {@code | cluster | resource | prefix `name` | operations; what else |}. */
    private static final Pattern ROW =
            Pattern.compile("\\| (source|target) \\| ([a-z ]+) \\| (prefix )?`([^`]+)` \\| ([A-Z_, ]+)[^|]*\\|");

    @TempDir
    private Path directory;

    private record Row(String cluster, ResourcePattern resource, List<AclOperation> operations) {}

    @Test
    void aFlowNeedsNoMoreThanTheTableSays() throws Exception {
        List<Row> table = table();
        assertThat(table).hasSize(10);
        try (MirrorPair pair = new MirrorPair(directory)) {
            pair.start(PROGRESS);
            narrow(
                    pair.east,
                    table.stream().filter(row -> row.cluster().equals("source")).toList());
            narrow(
                    pair.west,
                    table.stream().filter(row -> row.cluster().equals("target")).toList());
            pair.startFlow();

            write(pair.east);
            TopicPartition partition = new TopicPartition(MirrorPair.EVENTS, 0);
            try (Admin east = Admin.create(pair.east.client(Principal.ADMIN));
                    Admin west = Admin.create(pair.west.client(Principal.ADMIN))) {
                east.alterConsumerGroupOffsets(FOLLOWER, Map.of(partition, new OffsetAndMetadata(RECORDS / 2)))
                        .all()
                        .get();
                await().atMost(SOON).ignoreExceptions().until(() -> mirrored(pair) == RECORDS);
                PROGRESS.line("records are mirrored");
                await().atMost(SOON).ignoreExceptions().until(() -> {
                    OffsetAndMetadata position = west.listConsumerGroupOffsets(FOLLOWER)
                            .partitionsToOffsetAndMetadata()
                            .get()
                            .get(partition);
                    return position != null && position.offset() == RECORDS / 2;
                });
                PROGRESS.line("positions are translated");
                east.createTopics(List.of(new NewTopic(LATER, 1, (short) 1)
                                .configs(Map.of("retention.ms", "7654321", "unclean.leader.election.enable", "true"))))
                        .all()
                        .get();
                await().atMost(SOON).until(() -> west.listTopics().names().get().contains(LATER));
                east.createPartitions(Map.of(LATER, NewPartitions.increaseTo(2)))
                        .all()
                        .get();
                await().atMost(SOON)
                        .until(() -> setting(west, "retention.ms").equals("7654321") && partitions(west) == 2);
                // How its brokers elect leaders is each cluster's own.
                assertThat(setting(west, "unclean.leader.election.enable")).isEqualTo("false");
                PROGRESS.line("topics follow");
            }
            MirrorReports reports = new MirrorReports(pair.west);
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> reports.lag(MirrorPair.EVENTS).orElse(-1L).equals(0L));
            assertThat(reports.alarms(MirrorPair.GROUP)).isEmpty();
            assertThat(reports.positions()).containsKey(FOLLOWER);
            assertThat(Files.readString(directory.resolve("replicator/replicator-west.log")))
                    .doesNotContain("AuthorizationException", "Not authorized", "not allowed to");
            assertThat(pair.connect.connectors().ifOk().orElseThrow())
                    .allSatisfy(name -> assertThat(pair.connect
                                    .status(name)
                                    .ifOk()
                                    .orElseThrow()
                                    .tasks())
                            .noneMatch(task -> task.state().equals("FAILED")));
        }
    }

    private static String setting(Admin cluster, String key) throws Exception {
        ConfigResource later = new ConfigResource(ConfigResource.Type.TOPIC, LATER);
        Config config = Objects.requireNonNull(
                cluster.describeConfigs(List.of(later)).all().get().get(later));
        return Objects.requireNonNull(config.get(key)).value();
    }

    private static int partitions(Admin cluster) throws Exception {
        return Objects.requireNonNull(cluster.describeTopics(List.of(LATER))
                        .allTopicNames()
                        .get()
                        .get(LATER))
                .partitions()
                .size();
    }

    private static List<Row> table() throws Exception {
        List<Row> rows = new ArrayList<>();
        Matcher found = ROW.matcher(Files.readString(ProjectLayout.find().root().resolve("replicator/docs/topics.md")));
        while (found.find()) {
            rows.add(new Row(
                    found.group(1),
                    new ResourcePattern(
                            ResourceType.valueOf(
                                    found.group(2).toUpperCase(Locale.ROOT).replace(' ', '_')),
                            found.group(4),
                            found.group(3) == null ? PatternType.LITERAL : PatternType.PREFIXED),
                    List.of(found.group(5).split(", ")).stream()
                            .map(name -> AclOperation.valueOf(name.strip()))
                            .toList()));
        }
        return rows;
    }

    /** All others keep what they have: the servers begin with everything allowed to everybody. */
    private static void narrow(KafkaServer cluster, List<Row> rows) throws Exception {
        try (Admin admin = Admin.create(cluster.client(Principal.ADMIN))) {
            Collection<AclBinding> before =
                    admin.describeAcls(AclBindingFilter.ANY).values().get();
            List<AclBinding> after = new ArrayList<>();
            for (AclBinding everybodys : before) {
                for (Principal principal : List.of(Principal.CONNECT, Principal.APP)) {
                    after.add(new AclBinding(everybodys.pattern(), allowed(principal, AclOperation.ALL)));
                }
            }
            for (Row row : rows) {
                row.operations()
                        .forEach(operation ->
                                after.add(new AclBinding(row.resource(), allowed(Principal.MIRROR, operation))));
            }
            admin.createAcls(after).all().get();
            admin.deleteAcls(before.stream().map(AclBinding::toFilter).toList())
                    .all()
                    .get();
        }
    }

    private static AccessControlEntry allowed(Principal principal, AclOperation operation) {
        return new AccessControlEntry(principal.kafkaPrincipal(), "*", operation, AclPermissionType.ALLOW);
    }

    private static void write(KafkaServer east) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = CommandScene.producer(east, Map.of())) {
            for (int i = 0; i < RECORDS; i++) {
                var unused = producer.send(new ProducerRecord<>(
                        MirrorPair.EVENTS, 0, null, ("record " + i).getBytes(StandardCharsets.UTF_8)));
            }
            producer.flush();
        }
    }

    private static long mirrored(MirrorPair pair) {
        return LinearScan.of(pair.west.client(Principal.ADMIN), List.of(MirrorPair.EVENTS)).records().values().stream()
                .mapToLong(List::size)
                .sum();
    }
}
