package io.breakwater.local.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.breakwater.local.process.Progress;
import io.breakwater.local.process.ServerFailedException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The single servers, started for real, killed with -9 and started again with their data. */
class LocalServersIT {

    private static final Progress PROGRESS = Progress.to(System.out);

    private final ProjectLayout layout = ProjectLayout.find();

    @TempDir
    private Path directory;

    @Test
    @Tag("full")
    void aBrokerKeepsItsRecordsOverAKill() throws Exception {
        try (KafkaServer kafka = KafkaServer.in(layout, "kafka-it", directory)) {
            kafka.start(PROGRESS);
            try (Admin admin = Admin.create(kafka.client(Principal.ADMIN))) {
                admin.createTopics(List.of(new NewTopic("flights.events", 1, (short) 1)))
                        .all()
                        .get();
            }
            produce(kafka, "one");

            kafka.kill();

            assertThat(kafka.processes()).noneMatch(process -> process.alive());
            kafka.start(PROGRESS);
            assertThat(produce(kafka, "two")).isEqualTo(1);
        }
        assertNothingRunsIn(directory);
    }

    @Test
    void aStoreKeepsItsObjectsOverAKillAndRefusesWrongKeys() throws Exception {
        ObjectUri object = new ObjectUri("lake-it", "a/b");
        try (S3Server s3 = S3Server.in(layout, "s3-it", directory, Map.of("lake", "lake-it"))) {
            s3.start(PROGRESS);
            try (S3ObjectStore store = S3ObjectStore.connect(s3.site(), Duration.ofSeconds(10))) {
                store.put(object, "kept".getBytes(StandardCharsets.UTF_8));
                s3.kill();
                s3.start(PROGRESS);
                assertThat(store.get(object)).hasValue("kept".getBytes(StandardCharsets.UTF_8));
            }
        }
        assertNothingRunsIn(directory);
    }

    @Test
    @Tag("full")
    void aFlinkClusterStartsAgain() throws Exception {
        Path flinkDirectory = directory.resolve("flink");
        try (S3Server s3 = S3Server.in(layout, "s3-it", directory.resolve("s3"), Map.of("flink", "flink-it"));
                FlinkServers flink = FlinkServers.in(layout, "flink-it", flinkDirectory, s3, "flink-it")) {
            s3.start(PROGRESS);
            flink.start(PROGRESS);
            flink.kill();
            flink.start(PROGRESS);
            HttpResponse<String> overview = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(flink.url() + "/overview"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(overview.body()).contains("\"slots-total\":4");
        }
        assertNothingRunsIn(directory);
    }

    @Test
    void aServerThatDiesAtStartIsNamedWithItsLogAndError() throws Exception {
        try (S3Server s3 = S3Server.in(layout, "s3-it", directory, Map.of());
                ServerSocket taken = new ServerSocket(s3.port(), 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            assertThatThrownBy(() -> s3.start(PROGRESS))
                    .isInstanceOf(ServerFailedException.class)
                    .hasMessageContaining("s3-it died at start")
                    .hasMessageContaining("s3-it.log")
                    .hasMessageContaining("Failed to bind");
        }
        assertNothingRunsIn(directory);
    }

    @Test
    void noServerOutlivesAParentThatIsKilled() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dbreakwater.root=" + layout.root(),
                        OrphanedParent.class.getName(),
                        directory.toString())
                .redirectError(directory.resolve("parent.log").toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process parent = builder.start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
            long child = Long.parseLong(out.readLine());
            assertThat(ProcessHandle.of(child)).isPresent();

            parent.destroyForcibly().waitFor();

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> ProcessHandle.of(child).isEmpty());
        }
        assertNothingRunsIn(directory);
    }

    private static long produce(KafkaServer kafka, String value) throws Exception {
        Map<String, Object> settings = new HashMap<>(kafka.client(Principal.APP));
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            TopicPartition partition = new TopicPartition("flights.events", 0);
            return producer.send(new ProducerRecord<>(partition.topic(), partition.partition(), "k", value))
                    .get(30, TimeUnit.SECONDS)
                    .offset();
        }
    }

    /** Neither a server nor a guard: all of them have the folder among their arguments or as working directory. */
    private static void assertNothingRunsIn(Path directory) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(ProcessHandle.allProcesses()
                                .filter(process -> process.info()
                                        .arguments()
                                        .map(arguments ->
                                                String.join(" ", arguments).contains(directory.toString()))
                                        .orElse(false))
                                .map(ProcessHandle::pid))
                        .isEmpty());
    }
}
