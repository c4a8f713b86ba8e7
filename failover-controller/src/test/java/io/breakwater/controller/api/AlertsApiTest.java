package io.breakwater.controller.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AlertsApiTest {

    /** As Alertmanager 0.25 writes it. */
    private static final String NOTIFICATION = """
            {"receiver":"breakwater","status":"firing","alerts":[{"status":"%s",
             "labels":{"alertname":"KafkaDown","region":"east"},"annotations":{},
             "startsAt":"%s","endsAt":"0001-01-01T00:00:00Z",
             "generatorURL":"","fingerprint":"58bc67e4f5e1e9a0"}],
             "groupLabels":{},"commonLabels":{},"commonAnnotations":{},"externalURL":"http://x",
             "version":"4","groupKey":"{}:{}","truncatedAlerts":0}""";

    private static final String STARTS = "2026-11-22T03:00:00.123Z";

    @TempDir
    private Path directory;

    private final HttpClient http = HttpClient.newHttpClient();
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
    void takesFiringAndResolvedNotifications() throws Exception {
        HttpResponse<String> firing = post(NOTIFICATION.formatted("firing", STARTS), RunningApi.TOKEN);

        assertThat(firing.statusCode()).isEqualTo(200);
        assertThat(Json.MAPPER.readTree(firing.body()).path("taken").asInt()).isEqualTo(1);
        assertThat(api.alerts().firing(labels -> "east".equals(labels.get("region"))))
                .singleElement()
                .satisfies(one -> assertThat(one.alert().startsAt()).isEqualTo(STARTS));

        post(NOTIFICATION.formatted("resolved", STARTS), RunningApi.TOKEN);

        assertThat(api.alerts().firing(labels -> true)).isEmpty();
    }

    @Test
    void refusesWhatIsNotAlertmanagersFormatWithItsPlace() throws Exception {
        HttpResponse<String> wrong = post(NOTIFICATION.formatted("on fire", STARTS), RunningApi.TOKEN);

        JsonNode problem = Json.MAPPER.readTree(wrong.body());
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(problem.at("/errors/0/at").asText()).isEqualTo("/alerts/0/status");

        HttpResponse<String> noTime = post(NOTIFICATION.formatted("firing", "yesterday"), RunningApi.TOKEN);

        assertThat(noTime.statusCode()).isEqualTo(400);
        assertThat(noTime.body()).contains("/alerts/0/startsAt");
        assertThat(api.alerts().size()).isZero();
    }

    @Test
    void needsTheToken() throws Exception {
        assertThat(post(NOTIFICATION.formatted("firing", STARTS), "wrong").statusCode())
                .isEqualTo(401);
    }

    private HttpResponse<String> post(String body, String token) throws Exception {
        return http.send(
                HttpRequest.newBuilder(api.url("/v1/alerts"))
                        .header("Content-Type", "application/json")
                        .header("Authorization", "Bearer " + token)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
