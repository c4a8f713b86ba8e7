package io.breakwater.local.savepoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.Json;
import io.breakwater.platform.Receipt;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What there is in west that a drill could change or leave behind. */
record DrilledJob(Set<String> topics, Set<String> groups, Map<TopicPartition, Long> ends, Set<String> objects) {

    /** Settings of the job that let it be drilled; the arguments are production's with other names. */
    static Map<String, Object> settings(TwoClusters clusters) {
        String args = clusters.arguments().replace("flights-{region}-{epoch}", "{drill}") + " --output {drill}."
                + TwoClusters.OUTPUT;
        return Map.of("drill", Map.of("args", args, "topics", TwoClusters.OUTPUT));
    }

    /** The topic, if it is not there yet: the replicator makes it when it starts. */
    static void createReceipts(TwoClusters clusters) throws Exception {
        try (Admin admin = Admin.create(clusters.west().client(Principal.ADMIN))) {
            if (!admin.listTopics().names().get().contains(Receipt.TOPIC)) {
                admin.createTopics(List.of(new NewTopic(Receipt.TOPIC, 1, (short) 1)))
                        .all()
                        .get();
            }
        }
    }

    /** As the savepoint mirror's connector does, which has no Connect worker here; what was announced before is gone. */
    static void announce(TwoClusters clusters, Receipt receipt) throws Exception {
        try (Admin admin = Admin.create(clusters.west().client(Principal.ADMIN))) {
            if (admin.listTopics().names().get().contains(Receipt.TOPIC)) {
                admin.deleteTopics(List.of(Receipt.TOPIC)).all().get();
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> !admin.listTopics().names().get().contains(Receipt.TOPIC));
            }
        }
        createReceipts(clusters);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                clusters.west().client(Principal.ADMIN), new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(
                            Receipt.TOPIC, 0, receipt.key().getBytes(StandardCharsets.UTF_8), receipt.toJson()))
                    .get();
        }
    }

    /** What {@code breakwater drill restore} says of its drill, and how it has to end. */
    static JsonNode byCommand(TwoClusters clusters, int exitCode, String... more) throws Exception {
        ProgramRun run = run(clusters, more);
        assertThat(run.exitCode()).as(run.output()).isEqualTo(exitCode);
        return Json.MAPPER.readTree(run.output()
                .lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElseThrow());
    }

    static ProgramRun run(TwoClusters clusters, String... more) throws Exception {
        return ProgramRun.of(
                clusters.directory(),
                Map.of("JAVA_HOME", System.getProperty("java.home")),
                clusters.launcher(),
                words(clusters, more));
    }

    private static String[] words(TwoClusters clusters, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "drill",
                "restore",
                "--platform=" + clusters.platformFile(settings(clusters)),
                "--group=flights",
                "--json"));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    /** Transactional ids that are not at their end; Kafka keeps those that are for some days. */
    static Set<String> openTransactions(TwoClusters clusters) throws Exception {
        try (Admin admin = Admin.create(clusters.west().client(Principal.ADMIN))) {
            return admin.listTransactions().all().get().stream()
                    .filter(listing -> listing.state() == TransactionState.ONGOING
                            || listing.state() == TransactionState.PREPARE_COMMIT
                            || listing.state() == TransactionState.PREPARE_ABORT)
                    .map(TransactionListing::transactionalId)
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** The topic of receipts is none of the drill's. */
    static DrilledJob world(TwoClusters clusters, ObjectStore west) throws Exception {
        try (Admin admin = Admin.create(clusters.west().client(Principal.ADMIN))) {
            Map<TopicPartition, OffsetSpec> latest = TwoClusters.partitions().stream()
                    .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
            Map<TopicPartition, Long> ends = new TreeMap<>(Comparator.comparing(TopicPartition::toString));
            admin.listOffsets(latest).all().get().forEach((partition, end) -> ends.put(partition, end.offset()));
            return new DrilledJob(
                    admin.listTopics().names().get().stream()
                            .filter(topic -> !topic.equals(Receipt.TOPIC))
                            .collect(Collectors.toCollection(TreeSet::new)),
                    admin.listGroups().all().get().stream()
                            .map(GroupListing::groupId)
                            .collect(Collectors.toCollection(TreeSet::new)),
                    ends,
                    List.of("flink-west", "flink-east").stream()
                            .flatMap(bucket -> west.list(ObjectUri.parse("s3://" + bucket + "/")).stream())
                            .map(info -> info.uri().toString())
                            // Production goes on meanwhile.
                            .filter(name -> !name.contains("flink-east/checkpoints/") || name.contains("/d4111000"))
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
    }
}
