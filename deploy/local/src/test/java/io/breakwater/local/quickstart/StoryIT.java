package io.breakwater.local.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.LocalPlatform;
import io.breakwater.local.flights.FlightEvent;
import io.breakwater.local.process.ProgramRun;
import io.breakwater.local.process.Progress;
import io.breakwater.local.server.ProjectLayout;
import io.breakwater.platform.Json;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.KafkaSettings;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ProvenanceStamp;
import io.breakwater.region.S3ObjectStore;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The quickstart's story as a test, and beside it what an on-call sees of it: the page, {@code status} and the readiness
 * drill. Takes about three minutes and 5 GB of memory.
 */
@Tag("alone")
class StoryIT {

    private static final Progress PROGRESS = Progress.to(System.out);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ProjectLayout layout = ProjectLayout.find();
    private final Path directory = layout.target().resolve("story-it");

    @Test
    void aRegionIsLostAndEveryCheckHolds() throws Exception {
        Directories.delete(directory);
        FailoverRun.Settings settings = new FailoverRun.Settings(
                directory.resolve("platform"),
                layout.root().resolve("deploy/local/platform.yaml"),
                Optional.empty(),
                1_000,
                Duration.ofSeconds(20));
        List<Long> pids;
        boolean passed;
        try (FailoverRun run = new FailoverRun(layout, settings, PROGRESS)) {
            Story story = new Story(layout, directory, run, PROGRESS);
            story.begin();
            statusAndDrillSayThatTheStandbyIsReady(run.platform());
            theVersionsOfATableAreToldWithTheirTimes(run.platform());
            thePageShows(run.platform(), "Group flights", "STANDBY READY", "active\teast", "Region west");
            passed = story.loseTheRegion();
            thePageShows(run.platform(), "active\twest", "ledger of flights: east to west", "export-loss-ledger");
            aClientIsToldWhereItGoesOn(run.platform());
            pids = run.platform().pids();
        }

        assertThat(passed).isTrue();
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(pids)
                        .isNotEmpty()
                        .noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
        JsonNode result = Json.MAPPER.readTree(directory.resolve("result.json").toFile());
        assertThat(result.path("kafka").path("acked").asLong())
                .isGreaterThan(20_000)
                .isEqualTo(result.path("kafka").path("mirrored").asLong()
                        + result.path("kafka").path("lost").asLong());
        assertThat(layout.root()
                        .resolve(result.path("evidence").path("directory").asText())
                        .resolve("checkpoint"))
                .exists();
    }

    private void statusAndDrillSayThatTheStandbyIsReady(LocalPlatform platform) throws Exception {
        String controller = platform.controller(LocalPlatform.WITNESS).toString();
        ProgramRun status = command("status", "--controller=" + controller);
        assertThat(status.exitCode()).as(status.output()).isZero();
        assertThat(status.output()).contains("flights", "east", "west", "UP");
        ProgramRun drill = command(
                "drill",
                "readiness",
                "--controller=" + controller,
                "--group=flights",
                "--token-file=" + platform.files().tokenFile());
        assertThat(drill.exitCode()).as(drill.output()).isZero();
        assertThat(drill.output()).containsIgnoringCase("RPO").containsIgnoringCase("RTO");
    }

    private static void theVersionsOfATableAreToldWithTheirTimes(LocalPlatform platform) throws Exception {
        String versions = "/v1/groups/flights/tables/flights/versions";
        JsonNode all = await().atMost(PATIENCE)
                .until(
                        () -> get(platform, versions),
                        answer -> answer.at("/versions/2").isObject());
        JsonNode third = all.path("versions").get(all.path("versions").size() - 3);
        JsonNode asOf = get(platform, versions + "?asOf=" + third.path("time").asText());

        assertThat(all.path("region").asText()).isEqualTo("west");
        assertThat(third.path("version").asLong()).isEqualTo(2);
        try (ObjectStore east = S3ObjectStore.connect(
                platform.platform().region(LocalPlatform.EAST).objectStore(), PATIENCE)) {
            ObjectUri table = ObjectUri.parse(
                    platform.platform().region(LocalPlatform.EAST).objectStore().locate("s3://{lake}/flights"));
            DeltaLogFiles log = new DeltaLogFiles(east, table);
            assertThat(log.head(log.commitFile(2))
                            .map(info -> info.lastModified().truncatedTo(ChronoUnit.SECONDS)))
                    .as("the time at the source")
                    .hasValue(Instant.parse(third.path("time").asText()).truncatedTo(ChronoUnit.SECONDS));
        }
        assertThat(asOf.path("versions")).hasSize(1);
        assertThat(asOf.at("/versions/0/time")).isEqualTo(third.path("time"));
    }

    private static JsonNode get(LocalPlatform platform, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        platform.controller(LocalPlatform.WITNESS).resolve(path))
                .build();
        return Json.MAPPER.readTree(HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofString())
                .body());
    }

    /** It keeps its position itself; the producer of this topic leaves no gaps, so one record carries it as its stamp. */
    private static void aClientIsToldWhereItGoesOn(LocalPlatform platform) throws Exception {
        long position = 1_000;
        HttpRequest request = HttpRequest.newBuilder(
                        platform.controller(LocalPlatform.WITNESS).resolve("/v1/groups/flights/positions/translate"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"positions\":[{\"topic\":\"" + FlightEvent.TOPIC
                        + "\",\"partition\":0,\"offset\":" + position + "}]}"))
                .build();

        HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode answer = Json.MAPPER.readTree(response.body());
        assertThat(answer.path("from").asText()).isEqualTo("east");
        assertThat(answer.path("region").asText()).isEqualTo("west");
        assertThat(answer.at("/positions/0/how").asText()).isEqualTo("exact");
        ConsumerRecord<byte[], byte[]> next =
                recordAt(platform, answer.at("/positions/0/targetOffset").asLong());
        assertThat(ProvenanceStamp.of(next.headers()).map(ProvenanceStamp::offset))
                .contains(position);
    }

    private static ConsumerRecord<byte[], byte[]> recordAt(LocalPlatform platform, long offset) {
        Map<String, Object> settings = KafkaSettings.breakwater(
                platform.platform().region(LocalPlatform.WEST).kafka());
        TopicPartition partition = new TopicPartition(FlightEvent.TOPIC, 0);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seek(partition, offset);
            List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
            await().atMost(PATIENCE).until(() -> {
                read.addAll(consumer.poll(Duration.ofMillis(100)).records(partition));
                return !read.isEmpty();
            });
            return read.get(0);
        }
    }

    private ProgramRun command(String... arguments) throws Exception {
        return ProgramRun.of(
                directory, Map.of("JAVA_HOME", System.getProperty("java.home")), layout.launcher(), arguments);
    }

    /** On a machine without Chromium the page is not looked at, and the output says so. */
    private void thePageShows(LocalPlatform platform, String... texts) throws Exception {
        if (!PageInBrowser.possible()) {
            PROGRESS.line("no chromium on this machine: the page was not looked at");
            return;
        }
        URI page = platform.controller(LocalPlatform.WEST).resolve("/");
        try (PageInBrowser browser = new PageInBrowser(Files.createTempDirectory(directory, "browser"), page)) {
            await().atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(browser.text()).contains(texts).contains("live"));
        }
    }
}
