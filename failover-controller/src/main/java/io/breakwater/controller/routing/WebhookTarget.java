package io.breakwater.controller.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.RouteSpec;
import io.breakwater.platform.Secret;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/**
 * A server of the platform's owner that sends clients somewhere: it is told the route by POST, and asked by GET whether
 * it has it. The header {@code Idempotency-Key} is the same for each repetition.
 */
public final class WebhookTarget implements RouteTarget {

    private final RouteSpec.Webhook spec;
    private final Duration timeout;
    private final HttpClient http;

    /** @param timeout of one request */
    public WebhookTarget(RouteSpec.Webhook spec, Duration timeout) {
        this.spec = spec;
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    @Override
    public String id() {
        return "webhook";
    }

    @Override
    public Outcome point(Route route) throws InterruptedException {
        JsonNode wanted = Json.MAPPER
                .createObjectNode()
                .put("group", route.group())
                .put("region", route.region())
                .put("epoch", route.epoch().number())
                .put("bootstrap", route.bootstrap());
        try {
            HttpResponse<String> told = http.send(
                    request()
                            .header("Content-Type", "application/json")
                            .header("Idempotency-Key", route.group() + "-" + route.epoch())
                            .POST(BodyPublishers.ofString(wanted.toString()))
                            .build(),
                    BodyHandlers.ofString());
            if (told.statusCode() / 100 != 2) {
                return new Outcome.NotPointed("POST " + spec.url() + " is answered with HTTP " + told.statusCode());
            }
            HttpResponse<String> asked = http.send(request().GET().build(), BodyHandlers.ofString());
            return asked.statusCode() / 100 == 2
                    ? compare(Json.MAPPER.readTree(asked.body()), route)
                    : new Outcome.NotPointed("GET " + spec.url() + " is answered with HTTP " + asked.statusCode());
        } catch (JsonProcessingException e) {
            return new Outcome.NotPointed("GET " + spec.url() + " answers no JSON");
        } catch (IOException e) {
            return new Outcome.NotPointed(spec.url() + " does not answer");
        }
    }

    private Outcome compare(JsonNode has, Route route) {
        String region = has.path("region").asText();
        long epoch = has.path("epoch").asLong();
        return region.equals(route.region()) && epoch == route.epoch().number()
                ? new Outcome.Pointed(spec.url() + " answers " + region + " in epoch " + epoch)
                : new Outcome.NotPointed(spec.url() + " answers region '" + region + "' in epoch " + epoch);
    }

    private HttpRequest.Builder request() {
        HttpRequest.Builder request = HttpRequest.newBuilder(spec.url()).timeout(timeout);
        spec.authorization().ifPresent(header -> request.header("Authorization", Secret.resolve(header)));
        return request;
    }
}
