package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.runbook.steps.FenceMirrorStep;
import io.breakwater.controller.runbook.steps.RecordSegmentsStep;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.Principal;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.local.server.RegistryServer;
import io.breakwater.platform.Json;
import io.breakwater.region.RegionClients;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real schema registry goes on in the other region with the identities that its clients have in their records. */
@Tag("full")
class SchemaRegistryIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final TopicPartition JOURNAL = new TopicPartition("kafkasql-journal", 0);
    private static final String ASSETS = "- {kind: kafka-topic, pattern: \"kafkasql-.*\", record: system}\n";
    private static final List<String> SUBJECTS = List.of("events-value", "delays-value", "airports-value");
    private static final int VERSIONS = 3;

    @TempDir
    private Path directory;

    @Test
    void theIdsOfSchemasAreTheSameInTheOtherRegion() throws Exception {
        Optional<Path> java = RegistryServer.javaHome();
        assumeThat(java)
                .as("a Java 21 for the registry, in REGISTRY_JAVA_HOME or below /usr/lib/jvm")
                .isPresent();
        ProjectLayout layout = ProjectLayout.find();
        try (MirrorPair pair = new MirrorPair(directory, ASSETS, "");
                RegistryServer east = new RegistryServer(
                        layout, "registry-east", java.get(), directory.resolve("registry-east"), pair.east);
                RegistryServer west = new RegistryServer(
                        layout, "registry-west", java.get(), directory.resolve("registry-west"), pair.west)) {
            pair.start(PROGRESS);
            east.start(PROGRESS);
            pair.startFlow();
            Map<Integer, String> schemas = new TreeMap<>();
            for (String subject : SUBJECTS) {
                for (int version = 0; version < VERSIONS; version++) {
                    schemas.put(register(east, subject, schema(subject, version)), schema(subject, version));
                }
            }
            assertThat(schemas).hasSize(SUBJECTS.size() * VERSIONS);
            awaitMirrored(pair);
            assertThat(new MirrorReports(pair.west).alarms(MirrorPair.GROUP))
                    .noneMatch(alarm -> alarm.kind().equals("foreign-write"));

            east.kill();
            pair.east.kill();
            promote(pair);
            west.start(PROGRESS);

            for (Map.Entry<Integer, String> schema : schemas.entrySet()) {
                JsonNode answer = get(west.subjects().resolve("/apis/ccompat/v7/schemas/ids/" + schema.getKey()));
                assertThat(answer.path("schema").asText()).isEqualTo(schema.getValue());
            }
            for (String subject : SUBJECTS) {
                assertThat(get(URI.create(west.subjects() + "/" + subject + "/versions")))
                        .hasSize(VERSIONS);
                assertThat(schemas).containsEntry(register(west, subject, schema(subject, 1)), schema(subject, 1));
            }
            int next = register(west, SUBJECTS.get(0), schema(SUBJECTS.get(0), VERSIONS));
            assertThat(schemas).doesNotContainKey(next);
            PROGRESS.line("ids " + schemas.keySet() + " are the same on west, and the next one is " + next);
        }
    }

    private static void promote(MirrorPair pair) throws InterruptedException {
        try (RegionClients clients = new RegionClients(pair.platform, Duration.ofSeconds(10))) {
            StepRunContext steps = new StepRunContext(pair.platform, MirrorPair.FLOW);
            steps.run(new FenceMirrorStep(clients));
            steps.run(new RecordSegmentsStep(clients));
        }
    }

    private static void awaitMirrored(MirrorPair pair) {
        try (Admin east = Admin.create(pair.east.client(Principal.ADMIN))) {
            await().atMost(SOON).until(() -> east.listTopics().names().get().contains(JOURNAL.topic()));
        }
        await().atMost(SOON).ignoreExceptions().untilAsserted(() -> {
            List<String> source = LinearScan.texts(
                    LinearScan.of(pair.east.client(Principal.ADMIN), List.of(JOURNAL.topic())), JOURNAL);
            assertThat(source).isNotEmpty();
            assertThat(LinearScan.texts(
                            LinearScan.of(pair.west.client(Principal.ADMIN), List.of(JOURNAL.topic())), JOURNAL))
                    .isEqualTo(source);
        });
    }

    /** An Avro record with so many fields. */
    private static String schema(String subject, int version) {
        StringBuilder fields = new StringBuilder("{\"name\":\"id\",\"type\":\"string\"}");
        for (int i = 0; i < version; i++) {
            fields.append(",{\"name\":\"f").append(i).append("\",\"type\":\"int\",\"default\":0}");
        }
        return "{\"type\":\"record\",\"name\":\"" + subject.replace("-value", "") + "\",\"fields\":[" + fields + "]}";
    }

    private static int register(RegistryServer registry, String subject, String schema) throws Exception {
        HttpRequest post = HttpRequest.newBuilder(URI.create(registry.subjects() + "/" + subject + "/versions"))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        Json.MAPPER.createObjectNode().put("schema", schema).toString()))
                .build();
        return send(post).path("id").asInt();
    }

    private static JsonNode get(URI uri) throws Exception {
        return send(HttpRequest.newBuilder(uri).GET().build());
    }

    private static JsonNode send(HttpRequest request) throws Exception {
        HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(request + ": " + answer.body()).isEqualTo(200);
        return Json.MAPPER.readTree(answer.body());
    }
}
