package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Verdict;
import io.breakwater.platform.Json;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplanationApiTest {

    @TempDir
    private Path directory;

    private RunningApi api;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.in(directory);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void theActiveRegionsExplanationHasEachObserverAndEachRule() throws Exception {
        RegionVerdict up = RegionVerdict.of(Verdict.UP, List.of(), List.of("kafka", "flink"));
        RegionVerdict down = RegionVerdict.of(Verdict.DOWN, List.of("kafka", "flink"), List.of("object-store"));
        api.control().apply(ControlEvent.VerdictVoted.of("west", Map.of("east", down)));
        api.control().apply(ControlEvent.VerdictVoted.of("witness", Map.of("east", up)));

        JsonNode explanation = get("/v1/regions/east/explanation");

        assertThat(explanation.path("verdict").asText()).isEqualTo("UNKNOWN");
        assertThat(explanation.path("observers").findValuesAsText("vote")).containsExactly("UNKNOWN", "DOWN", "UP");
        assertThat(explanation.at("/observers/1/downSince").asText()).isNotEmpty();
        assertThat(explanation.at("/observers/1/answers").asBoolean()).isTrue();
        assertThat(explanation.at("/observers/2/answers").asBoolean()).isFalse();
        assertThat(explanation.at("/groups/0/rules").findValuesAsText("holds"))
                .containsExactly("false", "false", "false", "true");
        assertThat(explanation.path("text").asText())
                .contains("Observer west says DOWN: since ")
                .contains("; down flink, kafka; up object-store\n")
                .contains("HOLDS NOT rule 4, majority: 1 of 3 nodes vote east DOWN, 2 are needed\n")
                .contains("holds     rule 5, replication is silent: ")
                .contains("  No automatic failover, because:\n    - 1 of 2 nodes vote the active region east DOWN");
    }

    @Test
    void theSignalsOfThisNodeHaveTheirNewestTrouble() throws Exception {
        JsonNode signals = get("/v1/regions/west/signals");

        assertThat(signals.path("node").asText()).isEqualTo("west");
        assertThat(signals.at("/signals/0/lastTrouble/reason").asText()).isEqualTo("no broker answers");
        assertThat(signals.at("/signals/0/transitions").asLong()).isEqualTo(3);
    }

    private JsonNode get(String path) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(api.url(path)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return Json.MAPPER.readTree(response.body());
    }
}
