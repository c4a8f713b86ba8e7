package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The translation of clients' positions over real HTTP; what clusters would answer is made up. */
class PositionsApiTest {

    private static final String PATH = "/v1/groups/flights/positions/translate";
    private static final String ONE = position("flights.events", 0, 17);

    private final HttpClient client = HttpClient.newHttpClient();
    private final AtomicInteger asked = new AtomicInteger();

    @TempDir
    private Path directory;

    private RunningApi api;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.in(directory);
        api.answerPositions((flow, group, wanted) -> {
            asked.incrementAndGet();
            TreeMap<PartitionKey, Translation> found = new TreeMap<>();
            wanted.ends().forEach((partition, offset) -> {
                if (partition.partition() < 3) {
                    found.put(
                            partition,
                            new Translation(offset - 10, partition.partition() == 1, partition.partition() < 2));
                }
            });
            return found;
        });
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void saysWhatPositionsOfTheOtherRegionAre() throws Exception {
        HttpResponse<String> response = post("{\"from\":\"west\",\"positions\":[" + position("flights.events", 3, 40)
                + "," + position("flights.events", 2, 30) + "," + position("flights.events", 1, 20) + "," + ONE + "]}");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(Json.MAPPER.readTree(response.body())).isEqualTo(Json.MAPPER.readTree("""
                {"group":"flights","from":"west","region":"east","epoch":1,"positions":[
                {"topic":"flights.events","partition":0,"offset":17,"targetOffset":7,"how":"exact"},
                {"topic":"flights.events","partition":1,"offset":20,"targetOffset":10,"how":"mirror-end"},
                {"topic":"flights.events","partition":2,"offset":30,"targetOffset":20,"how":"early"},
                {"topic":"flights.events","partition":3,"offset":40,"targetOffset":null,"how":"untranslatable"}]}"""));
    }

    @Test
    void positionsOfTheActiveRegionAreWhatTheyAre() throws Exception {
        for (String from : List.of("", "\"from\":\"east\",")) {
            JsonNode answer = Json.MAPPER.readTree(
                    post("{" + from + "\"positions\":[" + ONE + "]}").body());

            assertThat(answer.at("/from").asText()).isEqualTo("east");
            assertThat(answer.at("/positions/0/targetOffset").asLong()).isEqualTo(17);
            assertThat(answer.at("/positions/0/how").asText()).isEqualTo("exact");
        }
        assertThat(asked).hasValue(0);
    }

    @Test
    void needsNoToken() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(api.url(PATH))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"positions\":[" + ONE + "]}"))
                .build();

        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            flights | {}                                                       | 400 | invalid-request
            flights | {"positions":[]}                                         | 400 | invalid-request
            flights | {"positions":[{"topic":"a","partition":0}]}              | 400 | invalid-request
            flights | {"positions":[{"topic":"a","partition":-1,"offset":1}]}  | 400 | invalid-request
            flights | {"positions":[{"topic":"a","partition":0,"offset":-1}]}  | 400 | invalid-request
            flights | {"positions":[{"topic":"a b","partition":0,"offset":1}]} | 400 | invalid-request
            flights | {"positions":[{"topic":"a","partition":0,"offset":1.5}]} | 400 | invalid-request
            flights | {"from":"north","positions":[{"topic":"a","partition":0,"offset":1}]} | 400 | invalid-request
            none    | {"positions":[{"topic":"a","partition":0,"offset":1}]}   | 404 | not-found
            """)
    void saysWhyNotAsAProblem(String group, String body, int status, String type) throws Exception {
        HttpResponse<String> response = post("/v1/groups/" + group + "/positions/translate", body);

        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(Json.MAPPER.readTree(response.body()).at("/type").asText())
                .isEqualTo("urn:breakwater:problem:" + type);
        assertThat(asked).hasValue(0);
    }

    @Test
    void aSecondPositionOnAPartitionIsNamed() throws Exception {
        JsonNode problem =
                Json.MAPPER.readTree(post("{\"positions\":[" + ONE + "," + position("flights.events", 0, 18) + "]}")
                        .body());

        assertThat(problem.at("/errors/0/at").asText()).isEqualTo("/positions/1");
        assertThat(problem.at("/errors/0/error").asText()).isEqualTo("a second position on flights.events-0");
    }

    @Test
    void fiveHundredPositionsAreTheLimit() throws Exception {
        assertThat(post(positions(500)).statusCode()).isEqualTo(200);
        assertThat(post(positions(501)).statusCode()).isEqualTo(400);
        assertThat(post(positions(2_000)).statusCode()).isEqualTo(413);
    }

    @Test
    void aClusterThatDoesNotAnswerIsAProblemWithoutItsText() throws Exception {
        api.answerPositions((flow, group, wanted) -> {
            throw new TimeoutException("internal text: 10.0.0.1");
        });

        HttpResponse<String> response = post("{\"from\":\"west\",\"positions\":[" + ONE + "]}");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body())
                .contains("urn:breakwater:problem:region-unreachable")
                .doesNotContain("10.0.0.1");
    }

    @Test
    void oneMoreThanCanWaitIsRefused() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        api.answerPositions((flow, group, wanted) -> {
            answers.await();
            return new TreeMap<>();
        });
        List<CompletableFuture<HttpResponse<String>>> requests = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                requests.add(client.sendAsync(
                        request(PATH, "{\"from\":\"west\",\"positions\":[" + ONE + "]}"), BodyHandlers.ofString()));
            }

            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            requests.stream().filter(CompletableFuture::isDone).count() == 12);
        } finally {
            answers.countDown();
        }
        List<Integer> statuses = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> request : requests) {
            statuses.add(request.get().statusCode());
        }
        assertThat(statuses).filteredOn(status -> status == 429).hasSize(12);
        assertThat(statuses).filteredOn(status -> status == 200).hasSize(18);
    }

    @Test
    void whileTheGroupMovesNothingIsTranslated() throws Exception {
        Instant now = Instant.now();
        api.makeReady(now, now.minusSeconds(1), new AssetId("kafka-topic", "flights.events"));
        HttpRequest failover = HttpRequest.newBuilder(api.url("/v1/operations"))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + RunningApi.TOKEN)
                .POST(BodyPublishers.ofString("{\"kind\":\"failover\",\"group\":\"flights\",\"reason\":\"a test\"}"))
                .build();
        assertThat(client.send(failover, BodyHandlers.ofString()).statusCode()).isEqualTo(202);

        HttpResponse<String> response = post("{\"positions\":[" + ONE + "]}");

        assertThat(response.statusCode()).as(response.body()).isEqualTo(409);
        assertThat(response.body())
                .contains("urn:breakwater:problem:refused")
                .contains("group flights is moving: ask again once a region serves it");
        assertThat(asked).hasValue(0);
    }

    private static String positions(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> position("t", i, 17))
                .collect(Collectors.joining(",", "{\"from\":\"west\",\"positions\":[", "]}"));
    }

    private static String position(String topic, int partition, long offset) {
        return "{\"topic\":\"" + topic + "\",\"partition\":" + partition + ",\"offset\":" + offset + "}";
    }

    private HttpResponse<String> post(String body) throws Exception {
        return post(PATH, body);
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        return client.send(request(path, body), BodyHandlers.ofString());
    }

    private HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(api.url(path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }
}
