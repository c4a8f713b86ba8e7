package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStoreException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which version of a table stood when, over real HTTP; what an object store would answer is made up. */
class TablesApiTest {

    private static final String PATH = "/v1/groups/flights/tables/gold%2Fevents/versions";

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private RunningApi api;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.in(directory);
        api.answerTables((region, group, table) ->
                List.of(region, group, table).equals(List.of("west", "flights", "gold/events"))
                        ? Optional.of(new TreeMap<>(Map.of(
                                7L, Instant.parse("2026-11-22T18:00:00Z"), 8L, Instant.parse("2026-11-22T18:05:00Z"))))
                        : Optional.empty());
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void saysWhichVersionStoodAtATime() throws Exception {
        assertAnswer(PATH + "?asOf=2026-11-22T18:04:59Z", "[{\"version\":7,\"time\":\"2026-11-22T18:00:00Z\"}]");
        assertAnswer(PATH + "?asOf=2026-11-22T17:59:59Z", "[]");
        assertAnswer(
                PATH,
                "[{\"version\":8,\"time\":\"2026-11-22T18:05:00Z\"},"
                        + "{\"version\":7,\"time\":\"2026-11-22T18:00:00Z\"}]");
    }

    @Test
    void saysWhyNotAsAProblem() throws Exception {
        assertThat(get(PATH + "?asOf=noon").statusCode()).isEqualTo(400);
        assertThat(get("/v1/groups/flights/tables/other/versions").statusCode()).isEqualTo(404);
        assertThat(get("/v1/groups/none/tables/other/versions").statusCode()).isEqualTo(404);
        api.answerTables((region, group, table) -> {
            throw new ObjectStoreException(ObjectStoreException.Reason.UNREACHABLE, "internal text: 10.0.0.1", null);
        });
        HttpResponse<String> unreachable = get(PATH);
        assertThat(unreachable.statusCode()).isEqualTo(503);
        assertThat(unreachable.body()).contains("region-unreachable").doesNotContain("internal text");
    }

    private void assertAnswer(String path, String versions) throws Exception {
        HttpResponse<String> response = get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(Json.MAPPER.readTree(response.body()))
                .isEqualTo(Json.MAPPER.readTree("{\"group\":\"flights\",\"region\":\"west\","
                        + "\"table\":\"gold/events\",\"versions\":" + versions + "}"));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(HttpRequest.newBuilder(api.url(path)).build(), BodyHandlers.ofString());
    }
}
