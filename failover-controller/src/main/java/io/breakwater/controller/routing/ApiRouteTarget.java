package io.breakwater.controller.routing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.Node;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The route that each controller node serves at {@code GET /v1/groups/{group}/route}. It follows the control state by
 * itself; here it is verified: pointed is what a majority of the nodes answers.
 */
public final class ApiRouteTarget implements RouteTarget {

    private static final int OK = 200;

    private final List<Node> nodes;
    private final Duration timeout;
    private final HttpClient http;

    /** @param timeout of the question to all nodes */
    public ApiRouteTarget(List<Node> nodes, Duration timeout) {
        this.nodes = List.copyOf(nodes);
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    @Override
    public String id() {
        return "api";
    }

    @Override
    public Outcome point(Route route) throws InterruptedException {
        Map<String, CompletableFuture<String>> asked = new TreeMap<>();
        nodes.forEach(node -> asked.put(node.id(), ask(node, route)));
        Map<String, String> answers = new TreeMap<>();
        asked.forEach((node, answer) -> answers.put(node, answer.join()));
        String right = answer(route.region(), route.epoch().number(), true);
        long agreeing = answers.values().stream().filter(right::equals).count();
        return agreeing > nodes.size() / 2
                ? new Outcome.Pointed(answers.toString())
                : new Outcome.NotPointed("not a majority of the nodes answers '" + right + "': " + answers);
    }

    private CompletableFuture<String> ask(Node node, Route route) {
        URI uri = URI.create("http://" + node.http() + "/v1/groups/"
                + URLEncoder.encode(route.group(), StandardCharsets.UTF_8) + "/route");
        return http.sendAsync(HttpRequest.newBuilder(uri).timeout(timeout).build(), BodyHandlers.ofString())
                .thenApply(ApiRouteTarget::read)
                .exceptionally(ApiRouteTarget::silence);
    }

    private static String read(HttpResponse<String> response) {
        if (response.statusCode() != OK) {
            return "HTTP " + response.statusCode();
        }
        try {
            JsonNode route = Json.MAPPER.readTree(response.body());
            return answer(
                    route.path("region").asText(),
                    route.path("epoch").asLong(),
                    route.path("serving").asBoolean());
        } catch (JsonProcessingException e) {
            return "no JSON";
        }
    }

    private static String silence(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof IOException ? "no answer" : "not asked: " + cause;
    }

    private static String answer(String region, long epoch, boolean serving) {
        return region + " in epoch " + epoch + (serving ? ", serving" : ", not serving");
    }
}
