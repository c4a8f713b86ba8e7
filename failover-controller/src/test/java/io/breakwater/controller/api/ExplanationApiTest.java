package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.FenceState;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Verdict;
import io.breakwater.platform.Json;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    @Test
    void aRegionThatOnlyAclsCloseSaysWhetherTheyDo() throws Exception {
        assertThat(text("/metrics")).doesNotContain("breakwater_fence_confirmed{");
        api.closeByAcls("west", Optional.empty());
        assertThat(get("/v1/regions/west/explanation").path("text").asText())
                .contains("Only ACLs close this region for group flights: nobody has looked at it yet.");

        api.closeByAcls("west", Optional.of(FenceState.notConfirmed("broker 2 lets the probe in")));

        JsonNode explanation = get("/v1/regions/west/explanation");
        assertThat(explanation.at("/fences/0/confirmed").asBoolean()).isFalse();
        assertThat(explanation.path("text").asText())
                .contains("for group flights: it is NOT known to be closed. broker 2 lets the probe in");
        assertThat(text("/metrics")).contains("breakwater_fence_confirmed{group=\"flights\",region=\"west\"} 0.0");

        api.closeByAcls("west", Optional.of(FenceState.confirmed(List.of(1, 2))));

        JsonNode fence = get("/v1/status").at("/groups/flights/fences/west");
        assertThat(fence.path("confirmed").asBoolean()).isTrue();
        assertThat(fence.path("brokers")).hasSize(2);
        assertThat(get("/v1/regions/west/explanation").path("text").asText())
                .contains("for group flights: they do, as each live broker has shown (1, 2).");
        assertThat(text("/metrics")).contains("breakwater_fence_confirmed{group=\"flights\",region=\"west\"} 1.0");
        assertThat(get("/v1/regions/east/explanation").path("fences")).isEmpty();
    }

    @Test
    void aRegionThatHoldsNoLeaseServesAllTheSame() throws Exception {
        assertThat(get("/v1/groups/flights/route").path("serving").asBoolean())
                .as("no broker holds the lease")
                .isFalse();

        api.closeByAcls("east", Optional.empty());

        assertThat(get("/v1/groups/flights/route").path("serving").asBoolean()).isTrue();
    }

    private JsonNode get(String path) throws Exception {
        return Json.MAPPER.readTree(text(path));
    }

    private String text(String path) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(api.url(path)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }
}
