package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.consensus.RaftHealth;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Verdict;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Json;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The API over real HTTP, on the real machine without consensus. */
class ApiServerTest {

    private static final String FAILOVER = "{\"id\":\"op-1\",\"kind\":\"failover\",\"group\":\"flights\","
            + "\"reason\":\"a test\",\"requestedBy\":\"ada\"}";

    private final HttpClient client = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private RunningApi api;
    private InProcessControlPlane control;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.in(directory);
        control = api.control();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void saysWhatIsSo() throws Exception {
        control.apply(ControlEvent.VerdictVoted.of(
                "west", Map.of("east", RegionVerdict.of(Verdict.DOWN, List.of("kafka", "flink"), List.of()))));

        JsonNode status = json(get("/v1/status"), 200);

        assertThat(status.at("/node").asText()).isEqualTo("west");
        assertThat(status.at("/leader").asText()).isEqualTo("witness");
        assertThat(status.at("/groups/flights/active").asText()).isEqualTo("east");
        assertThat(status.at("/groups/flights/epoch").asLong()).isEqualTo(1);
        assertThat(status.at("/groups/flights/mode").asText()).isEqualTo("automatic");
        assertThat(status.at("/groups/flights/operation").isNull()).isTrue();
        assertThat(status.at("/groups/flights/ready").asBoolean()).isFalse();
        assertThat(status.at("/groups/flights/notReady").size()).isEqualTo(1);
        assertThat(status.at("/groups/flights/lagSeconds").isNull()).isTrue();
        assertThat(status.at("/regions/east/verdict").asText()).isEqualTo("UNKNOWN");
        assertThat(status.at("/regions/east/votes/west").asText()).isEqualTo("DOWN");
        assertThat(status.at("/regions/west/signals/0/breaker").asText()).isEqualTo("OPEN");
    }

    @Test
    void saysWhyThisNodeTakesNoPartInConsensus() throws Exception {
        JsonNode serving = json(get("/v1/status"), 200).path("raft");
        control.say(new RaftHealth.Stopped(
                RaftHealth.Cause.DISK_FULL, Instant.EPOCH, "the disk has 7 bytes left", "free some"));

        JsonNode stopped = json(get("/v1/status"), 200).path("raft");
        String metrics = get("/metrics").body();

        assertThat(serving.path("serving").asBoolean()).isTrue();
        assertThat(serving.has("stopped")).isFalse();
        assertThat(stopped.path("serving").asBoolean()).isFalse();
        assertThat(stopped.path("freeBytes").asLong()).isEqualTo(1L << 30);
        assertThat(stopped.path("longestPauseSeconds").asDouble()).isEqualTo(12.5);
        assertThat(stopped.path("stopped"))
                .isEqualTo(Json.MAPPER.readTree("{\"cause\":\"disk-full\",\"since\":\"1970-01-01T00:00:00Z\","
                        + "\"why\":\"the disk has 7 bytes left\",\"remedy\":\"free some\"}"));
        assertThat(metrics)
                .contains("breakwater_raft_serving 0.0")
                .contains("breakwater_raft_stopped{cause=\"disk-full\"} 1.0")
                .contains("breakwater_raft_stopped{cause=\"stood-still\"} 0.0")
                .contains("breakwater_node_long_pauses_total 1.0");
    }

    @Test
    void answersALeasePullAsTheBrokerPluginReadsIt() throws Exception {
        JsonNode east = json(post("/v1/regions/east/lease", "{\"broker\":\"east-1\"}"), 200);
        JsonNode west = json(post("/v1/regions/west/lease", "{\"broker\":\"west-1\"}"), 200);

        assertThat(east).isEqualTo(Json.MAPPER.readTree("""
                {"region":"east","groups":[{"group":"flights","active":true,"epoch":1,"ingress":true,"pipeline":true,
                "leaseMillis":6000,"topics":["flights[.].*"],"consumerGroups":["flights-.*"],
                "pipelinePrincipals":["User:pipeline"]}]}"""));
        assertThat(west.at("/groups/0/active").asBoolean()).isFalse();
        assertThat(west.at("/groups/0/ingress").asBoolean()).isFalse();
        assertThat(west.at("/groups/0/pipeline").asBoolean()).isFalse();
    }

    @Test
    void routesToTheActiveRegionOnceItsBrokerHoldsTheLease() throws Exception {
        assertThat(json(get("/v1/groups/flights/route"), 200).at("/serving").asBoolean())
                .isFalse();

        json(post("/v1/regions/east/lease", "{\"broker\":\"east-1\"}"), 200);

        assertThat(json(get("/v1/groups/flights/route"), 200))
                .isEqualTo(
                        Json.MAPPER.readTree("{\"group\":\"flights\",\"region\":\"east\",\"epoch\":1,\"serving\":true,"
                                + "\"bootstrap\":\"127.0.0.1:1\"}"));
    }

    @Test
    void beginsAnOperationOnceUnderItsId() throws Exception {
        Instant now = Instant.now();
        api.makeReady(now, now.minusSeconds(1), new AssetId("kafka-topic", "flights.events"));

        HttpResponse<String> first = post("/v1/operations", FAILOVER);
        HttpResponse<String> again = post("/v1/operations", FAILOVER);

        assertThat(json(first, 202).at("/id").asText()).isEqualTo("op-1");
        assertThat(json(again, 202).at("/id").asText()).isEqualTo("op-1");
        JsonNode operation = json(get("/v1/operations/op-1"), 200);
        assertThat(operation.at("/state").asText()).isEqualTo("running");
        assertThat(operation.at("/from").asText()).isEqualTo("east");
        assertThat(operation.at("/to").asText()).isEqualTo("west");
        assertThat(operation.at("/requestedBy").asText()).isEqualTo("ada");
        assertThat(operation.at("/steps").isArray()).isTrue();
        assertThat(json(get("/v1/operations"), 200).at("/operations").size()).isEqualTo(1);
        assertThat(control.evidence().get(0)).contains("ada").contains("op-1");
    }

    @Test
    void aRefusedCommandLeavesItsTraceInTheEvidenceLog() throws Exception {
        post("/v1/operations", FAILOVER);

        JsonNode entry = Json.MAPPER.readTree(control.evidence().get(0));
        assertThat(control.evidence()).hasSize(1);
        assertThat(entry.at("/kind").asText()).isEqualTo("command-refused");
        assertThat(entry.at("/group").asText()).isEqualTo("flights");
        assertThat(entry.at("/operation").asText()).isEqualTo("op-1");
        assertThat(entry.at("/detail/command").asText()).isEqualTo("OperationRequested");
        assertThat(entry.at("/detail/requestedBy").asText()).isEqualTo("ada");
        assertThat(entry.at("/detail/refusedBecause").findValuesAsText("denial"))
                .contains("ReadinessUnknown");
    }

    @Test
    void aRefusalNamesEachReason() throws Exception {
        HttpResponse<String> refused = post("/v1/operations", FAILOVER);

        assertThat(problem(refused, 409, "refused").at("/denials").findValuesAsText("denial"))
                .contains("ReadinessUnknown");
        assertThat(control.state().operations()).isEmpty();
    }

    @Test
    void aReadinessDrillReportsAndChangesNothingButTheEvidence() throws Exception {
        JsonNode report = json(post("/v1/drills", "{\"kind\":\"readiness\",\"group\":\"flights\"}"), 201);

        assertThat(report.at("/ready").asBoolean()).isFalse();
        assertThat(report.at("/estimatedRtoSeconds").isNull()).isTrue();
        assertThat(report.at("/estimatedRtoNote").asText()).contains("unknown");
        assertThat(report.at("/waitsSeconds").asDouble()).isEqualTo(10.0);
        assertThat(report.at("/currentRpoSeconds").isNull()).isTrue();
        assertThat(report.at("/checks").findValuesAsText("name"))
                .contains("leader", "observers", "standby-region", "recovery-point", "lease", "standby-kafka-metadata");
        assertThat(json(get("/v1/drills/" + report.at("/id").asText()), 200)).isEqualTo(report);
        assertThat(control.state().operations()).isEmpty();
        assertThat(control.evidence())
                .singleElement()
                .asString()
                .contains(report.at("/id").asText());
    }

    @Test
    void theReportOfADrillThatRanWithoutTheControllerIsAnEntryOfTheEvidence() throws Exception {
        JsonNode recorded = json(
                post(
                        "/v1/drill-reports",
                        "{\"kind\":\"restore\",\"group\":\"flights\",\"passed\":false,"
                                + "\"report\":{\"job\":\"delays\",\"left\":[\"topic drill-1.x\"]}}"),
                201);

        assertThat(control.state().operations()).isEmpty();
        assertThat(control.evidence())
                .singleElement()
                .asString()
                .contains(recorded.at("/id").asText(), "\"passed\":false", "\"left\":[\"topic drill-1.x\"]");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            POST | /v1/drill-reports       | {"kind":"restore","group":"none","passed":true,"report":{}} | 404 | not-found
            POST | /v1/drill-reports       | {"kind":"restore","group":"flights","passed":true}    | 400 | invalid-request
            POST | /v1/operations          | {"kind":"failover"}                                   | 400 | invalid-request
            POST | /v1/operations          | {"kind":"failover","group":"x","reason":"r"}          | 404 | not-found
            POST | /v1/operations          | {"kind":"failover","group":"flights","reason":"r","x":1} | 400 | invalid-request
            POST | /v1/operations          | {"kind":                                              | 400 | invalid-request
            POST | /v1/node-changes        | {"requestedBy":"ada","reason":"r"}                    | 400 | invalid-request
            POST | /v1/node-changes        | {"leaves":"west","raft":"h:1","requestedBy":"a","reason":"r"} | 400 | invalid-request
            POST | /v1/drills              | {"kind":"full","group":"flights"}                     | 400 | invalid-request
            POST | /v1/drills              | {"kind":"readiness","group":"none"}                   | 404 | not-found
            POST | /v1/regions/north/lease | {"broker":"b"}                                        | 404 | not-found
            GET  | /v1/operations/none     |                                                       | 404 | not-found
            GET  | /v1/drills/none         |                                                       | 404 | not-found
            GET  | /v1/groups/none/route   |                                                       | 404 | not-found
            GET  | /v1/nothing             |                                                       | 404 | not-found
            PUT  | /v1/status              | {}                                                    | 405 | method-not-allowed
            """)
    void saysWhyNotAsAProblem(String method, String path, String body, int status, String type) throws Exception {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json");

        HttpResponse<String> response = client.send(
                request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());

        problem(response, status, type);
    }

    @Test
    void namesThePlaceThatIsWrong() throws Exception {
        HttpResponse<String> response = post("/v1/drills", "{\"kind\":\"readiness\",\"group\":\"\"}");

        assertThat(problem(response, 400, "invalid-request").at("/errors").findValuesAsText("at"))
                .contains("/group");
    }

    @Test
    void writesNeedTheToken() throws Exception {
        for (String path : List.of("/v1/operations", "/v1/drills", "/v1/drill-reports", "/v1/regions/east/lease")) {
            HttpRequest.Builder request = HttpRequest.newBuilder(api.url(path))
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{}"));
            problem(client.send(request.build(), BodyHandlers.ofString()), 401, "unauthenticated");
            HttpRequest wrong = request.header("Authorization", "Bearer wrong").build();
            problem(client.send(wrong, BodyHandlers.ofString()), 401, "unauthenticated");
        }
        assertThat(control.state().group("flights").orElseThrow().lease().renewals())
                .isEmpty();
    }

    @Test
    void aBodyOfAnotherKindOrSizeIsRefused() throws Exception {
        HttpRequest plain = request("/v1/operations")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString("{}"))
                .build();

        problem(client.send(plain, BodyHandlers.ofString()), 415, "unsupported-media-type");
        problem(post("/v1/operations", "{\"reason\":\"" + "x".repeat(70_000) + "\"}"), 413, "too-large");
    }

    @Test
    void withoutAQuorumNothingOfTheCauseLeavesTheProcess() throws Exception {
        control.loseQuorum();

        HttpResponse<String> response = post("/v1/regions/east/lease", "{\"broker\":\"east-1\"}");

        problem(response, 503, "unavailable");
        assertThat(response.body()).doesNotContain("10.0.0.1").doesNotContain("Exception");
        assertThat(json(get("/v1/status"), 200).at("/leader").isNull()).isTrue();
    }

    @Test
    void streamsEachChange() throws Exception {
        HttpResponse<InputStream> stream = client.send(request("/v1/events").build(), BodyHandlers.ofInputStream());
        List<String> lines = new CopyOnWriteArrayList<>();
        Thread reader =
                new Thread(() -> new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))
                        .lines()
                        .forEach(lines::add));
        reader.setDaemon(true);
        reader.setUncaughtExceptionHandler((thread, closed) -> lines.add("closed"));
        reader.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> lines.contains("event: status"));

        control.apply(ControlEvent.VerdictVoted.of(
                "east", Map.of("west", RegionVerdict.of(Verdict.UP, List.of(), List.of("kafka")))));

        await().atMost(Duration.ofSeconds(20))
                .until(() -> lines.stream().anyMatch(line -> line.contains("\"votes\":{\"east\":\"UP\"}")));
        stream.body().close();
    }

    @Test
    void servesMetricsContractAndPage() throws Exception {
        json(post("/v1/regions/east/lease", "{\"broker\":\"east-1\"}"), 200);

        String metrics = get("/metrics").body();

        assertThat(metrics)
                .contains("breakwater_signal_breaker_state{class=\"kafka\",region=\"west\",signal=\"kafka-metadata\","
                        + "state=\"OPEN\"} 1.0")
                .contains("breakwater_region_verdict{region=\"east\",verdict=\"UNKNOWN\"} 1.0")
                .contains("breakwater_group_epoch{group=\"flights\"} 1.0")
                .contains("breakwater_group_lag_seconds{group=\"flights\"} NaN")
                .contains("breakwater_lease_renewals_total{group=\"flights\"} 1.0")
                .contains("breakwater_group_ready{group=\"flights\"} 0.0");
        assertThat(get("/openapi.yaml").body()).startsWith("openapi: 3.1.0").contains("application/problem+json");
        HttpResponse<String> page = get("/");
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(page.body()).contains("<title>Breakwater</title>");
    }

    @Test
    void anAddressInUseIsSaidInOneLine() {
        assertThatThrownBy(() -> api.startAnother())
                .isInstanceOf(ApiStartException.class)
                .hasMessage(
                        "the API cannot listen on " + api.address() + ": the address is in use or not of this machine");
    }

    private static JsonNode problem(HttpResponse<String> response, int status, String type) throws Exception {
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = json(response, status);
        assertThat(problem.at("/type").asText()).isEqualTo("urn:breakwater:problem:" + type);
        assertThat(problem.at("/status").asInt()).isEqualTo(status);
        assertThat(problem.at("/title").asText()).isNotEmpty();
        return problem;
    }

    private static JsonNode json(HttpResponse<String> response, int status) throws Exception {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return Json.MAPPER.readTree(response.body());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws Exception {
        HttpRequest request = request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(api.url(path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + RunningApi.TOKEN);
    }
}
