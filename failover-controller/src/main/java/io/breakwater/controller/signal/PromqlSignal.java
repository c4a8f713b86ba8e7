package io.breakwater.controller.signal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.PromqlQuery;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * What a Prometheus server knows of the region: an instant query (Prometheus' HTTP API, {@code /api/v1/query}) and a
 * comparison. A Prometheus that does not answer, and a query without a sample, say nothing of the region: unknown.
 */
public final class PromqlSignal implements HealthSignal {

    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final int OK = 200;

    private final PromqlQuery query;
    private final URI uri;
    private final Duration limit;
    private final HttpClient http;

    /** @param limit of one question */
    public PromqlSignal(PromqlQuery query, Duration limit) {
        this.query = query;
        this.limit = limit;
        this.uri = URI.create(query.url().toString().replaceFirst("/+$", "") + "/api/v1/query?query="
                + URLEncoder.encode(query.query(), StandardCharsets.UTF_8) + "&timeout=" + limit.toMillis() + "ms");
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(limit)
                .build();
    }

    @Override
    public String id() {
        return "promql-" + query.name();
    }

    @Override
    public String signalClass() {
        return "promql";
    }

    @Override
    public Duration every() {
        return EVERY;
    }

    @Override
    public SignalReading noAnswer(Duration within) {
        return new SignalReading.Unknown("Prometheus does not answer within " + within.toMillis() + " ms");
    }

    @Override
    public SignalReading probe() throws InterruptedException {
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(uri).timeout(limit).build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
            return response.statusCode() == OK
                    ? read(response.body())
                    : new SignalReading.Unknown("Prometheus refuses the query with HTTP " + response.statusCode());
        } catch (IOException e) {
            return noAnswer(limit);
        }
    }

    private SignalReading read(String body) {
        JsonNode data;
        try {
            data = Json.MAPPER.readTree(body).path("data");
        } catch (JsonProcessingException e) {
            return new SignalReading.Unknown("what answers at " + query.url() + " is no Prometheus");
        }
        JsonNode result = data.path("result");
        if (data.path("resultType").asText().equals("scalar")) {
            return judge(result.path(1).asText());
        }
        if (!data.path("resultType").asText().equals("vector") || result.isEmpty()) {
            return new SignalReading.Unknown("query " + query.name() + " has no sample");
        }
        SignalReading judged = new SignalReading.Healthy();
        for (JsonNode sample : result) {
            SignalReading one = judge(sample.path("value").path(1).asText());
            if (one instanceof SignalReading.Unhealthy) {
                return one;
            }
            judged = one instanceof SignalReading.Unknown ? one : judged;
        }
        return judged;
    }

    /** @param text as Prometheus writes samples: a number, {@code NaN}, {@code +Inf} or {@code -Inf} */
    private SignalReading judge(String text) {
        double value;
        try {
            value = Double.parseDouble(text.replaceFirst("Inf$", "Infinity"));
        } catch (NumberFormatException e) {
            return new SignalReading.Unknown("query " + query.name() + " gives '" + text + "', which is no number");
        }
        if (Double.isNaN(value)) {
            return new SignalReading.Unknown("query " + query.name() + " gives NaN");
        }
        return query.isUnhealthy(value)
                ? new SignalReading.Unhealthy("query " + query.name() + " gives " + text + ", unhealthy if "
                        + query.unhealthyIf().strip())
                : new SignalReading.Healthy();
    }

    @Override
    public void close() {
        // The JDK's HTTP client holds nothing that needs closing.
    }
}
