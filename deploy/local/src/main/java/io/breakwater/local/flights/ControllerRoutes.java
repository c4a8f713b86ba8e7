package io.breakwater.local.flights;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.Node;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Asks every controller node for the route, again and again; the newest epoch counts, so that a node cut off from the
 * others leads nobody back. Runs on a thread of its own.
 */
final class ControllerRoutes implements RouteSource, Runnable {

    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration EVERY = Duration.ofMillis(250);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final List<HttpRequest> requests;
    private final Stop stop;
    private volatile Optional<Route> current = Optional.empty();

    ControllerRoutes(List<Node> nodes, String group, Stop stop) {
        this.stop = stop;
        requests = nodes.stream()
                .map(node -> URI.create("http://" + node.http() + "/v1/groups/" + group + "/route"))
                .map(uri -> HttpRequest.newBuilder(uri).timeout(TIMEOUT).build())
                .toList();
    }

    @Override
    public Optional<Route> current() {
        return current;
    }

    @Override
    public void run() {
        while (!stop.waitFor(EVERY)) {
            requests.forEach(request -> ask(request).ifPresent(this::take));
        }
    }

    private void take(Route route) {
        if (current.map(known -> route.epoch() >= known.epoch()).orElse(true)) {
            current = Optional.of(route);
        }
    }

    /** Empty if this node does not answer or has no route to tell: there are others. */
    private Optional<Route> ask(HttpRequest request) {
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                return Optional.empty();
            }
            JsonNode json = Json.MAPPER.readTree(response.body());
            return Optional.of(new Route(
                    json.path("region").asText(),
                    json.path("epoch").asLong(),
                    json.path("serving").asBoolean(),
                    json.path("bootstrap").asText()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
