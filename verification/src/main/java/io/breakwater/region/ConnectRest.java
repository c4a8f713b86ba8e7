package io.breakwater.region;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/** Kafka Connect's REST API, as far as flows need it. Thread-safe. Each call is tried again while Connect rebalances. */
public final class ConnectRest {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final int REBALANCING = 409;
    private static final int REBALANCE_ATTEMPTS = 40;
    private static final long REBALANCE_WAIT_MILLIS = 500;

    /** What came of a call. */
    public sealed interface Outcome<T> {

        /** The value of {@link Ok}, else empty. */
        default Optional<T> answer() {
            return this instanceof Ok<T> ok ? Optional.of(ok.value) : Optional.empty();
        }

        /** @throws IllegalStateException with what Connect said, if it did not do it */
        default T orElseThrow() {
            return answer().orElseThrow(() -> new IllegalStateException(toString()));
        }
    }

    public record Ok<T>(T value) implements Outcome<T> {}

    /** Connect answered and did not do it. */
    public record Refused<T>(String call, int status, String message) implements Outcome<T> {
        @Override
        public String toString() {
            return call + ": refused with " + status + ": " + message;
        }
    }

    /** No answer; whether it was done is unknown. */
    public record Unreachable<T>(String call, String reason) implements Outcome<T> {
        @Override
        public String toString() {
            return call + ": unreachable: " + reason;
        }
    }

    /** @param state RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING: Connect's words */
    public record Status(String name, String state, List<Task> tasks) {}

    /** @param trace of a failed task */
    public record Task(int id, String state, Optional<String> trace) {}

    private final URI url;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT_TIMEOUT).build();

    /** @param url of any worker of the cluster */
    public ConnectRest(URI url) {
        this.url = url;
    }

    public Outcome<SortedSet<String>> connectors() throws InterruptedException {
        return call("GET", "/connectors", Optional.empty(), json -> {
            SortedSet<String> names = new TreeSet<>();
            json.forEach(name -> names.add(name.asText()));
            return names;
        });
    }

    public Outcome<Status> status(String connector) throws InterruptedException {
        return call(
                "GET",
                path(connector, "/status"),
                Optional.empty(),
                json -> new Status(
                        json.path("name").asText(),
                        json.path("connector").path("state").asText(),
                        StreamSupport.stream(json.path("tasks").spliterator(), false)
                                .map(task -> new Task(
                                        task.path("id").asInt(),
                                        task.path("state").asText(),
                                        Optional.ofNullable(task.get("trace")).map(JsonNode::asText)))
                                .toList()));
    }

    public Outcome<Map<String, String>> config(String connector) throws InterruptedException {
        return call("GET", path(connector, "/config"), Optional.empty(), json -> {
            Map<String, String> config = new TreeMap<>();
            json.properties().forEach(e -> config.put(e.getKey(), e.getValue().asText()));
            return config;
        });
    }

    /** Creates a connector that does nothing until it is resumed. Refused with 409 if there is one of that name. */
    public Outcome<JsonNode> createStopped(String connector, Map<String, String> config) throws InterruptedException {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.put("name", connector).put("initial_state", "STOPPED").set("config", Json.MAPPER.valueToTree(config));
        return call("POST", "/connectors", Optional.of(body), json -> json);
    }

    /** Sets the whole configuration of a connector; its state stays. */
    public Outcome<JsonNode> configure(String connector, Map<String, String> config) throws InterruptedException {
        return call("PUT", path(connector, "/config"), Optional.of(Json.MAPPER.valueToTree(config)), json -> json);
    }

    /** Asks for the tasks to end; returns when that is recorded, not when they have ended. */
    public Outcome<JsonNode> stop(String connector) throws InterruptedException {
        return call("PUT", path(connector, "/stop"), Optional.empty(), json -> json);
    }

    public Outcome<JsonNode> resume(String connector) throws InterruptedException {
        return call("PUT", path(connector, "/resume"), Optional.empty(), json -> json);
    }

    /** The source offsets of a connector, in Connect's form: {@code {"offsets": [{"partition":…, "offset":…}]}}. */
    public Outcome<JsonNode> offsets(String connector) throws InterruptedException {
        return call("GET", path(connector, "/offsets"), Optional.empty(), json -> json);
    }

    /** Sets offsets of a stopped connector, in the form of {@link #offsets}. */
    public Outcome<JsonNode> patchOffsets(String connector, JsonNode offsets) throws InterruptedException {
        return call("PATCH", path(connector, "/offsets"), Optional.of(offsets), json -> json);
    }

    private static String path(String connector, String rest) {
        return "/connectors/" + URLEncoder.encode(connector, StandardCharsets.UTF_8) + rest;
    }

    private <T> Outcome<T> call(String method, String path, Optional<JsonNode> body, Function<JsonNode, T> parse)
            throws InterruptedException {
        String call = method + " " + url + path;
        HttpRequest request = HttpRequest.newBuilder(URI.create(url.toString().replaceAll("/$", "") + path))
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.map(json -> HttpRequest.BodyPublishers.ofString(json.toString()))
                                .orElse(HttpRequest.BodyPublishers.noBody()))
                .build();
        try {
            for (int attempt = 1; ; attempt++) {
                HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() < 300) {
                    return new Ok<>(parse.apply(tree(response.body())));
                }
                String message = message(response.body());
                boolean rebalancing = response.statusCode() == REBALANCING && !message.contains("already exists");
                if (!rebalancing || attempt == REBALANCE_ATTEMPTS) {
                    return new Refused<>(call, response.statusCode(), message);
                }
                Thread.sleep(REBALANCE_WAIT_MILLIS);
            }
        } catch (IOException e) {
            return new Unreachable<>(call, e.toString());
        }
    }

    private static JsonNode tree(String body) throws JsonProcessingException {
        return body.isBlank() ? MissingNode.getInstance() : Json.MAPPER.readTree(body);
    }

    private static String message(String body) {
        try {
            return tree(body).path("message").asText(body);
        } catch (JsonProcessingException e) {
            // Not Connect's own error page, a proxy's for instance.
            return body.lines().findFirst().orElse("");
        }
    }
}
