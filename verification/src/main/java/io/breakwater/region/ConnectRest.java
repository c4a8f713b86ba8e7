package io.breakwater.region;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * Kafka Connect's REST API, as far as flows need it. Thread-safe. While Connect rebalances, a call is tried again for
 * up to {@link #REBALANCE_LIMIT}.
 */
public final class ConnectRest {

    public static final Duration REBALANCE_LIMIT = Duration.ofSeconds(20);

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final int CONFLICT = 409;
    private static final long REBALANCE_WAIT_MILLIS = 500;

    /** @param state RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED, RESTARTING: Connect's words */
    public record Status(String name, String state, List<Task> tasks) {}

    /** @param trace of a failed task */
    public record Task(int id, String state, Optional<String> trace) {}

    private final JsonHttp http;

    /** @param url of any worker of the cluster */
    public ConnectRest(URI url) {
        this(url, REQUEST_TIMEOUT);
    }

    /** @param timeout of one request; creating a connector takes some seconds */
    public ConnectRest(URI url, Duration timeout) {
        this.http = new JsonHttp(url, timeout);
    }

    public RestAnswer<SortedSet<String>> connectors() throws InterruptedException {
        return http.get("/connectors").map(json -> {
            SortedSet<String> names = new TreeSet<>();
            json.forEach(name -> names.add(name.asText()));
            return names;
        });
    }

    public RestAnswer<Status> status(String connector) throws InterruptedException {
        return http.get(path(connector, "/status")).map(ConnectRest::status);
    }

    /** Of all connectors, by name, in one question. */
    public RestAnswer<SortedMap<String, Status>> statuses() throws InterruptedException {
        return http.get("/connectors?expand=status").map(json -> {
            SortedMap<String, Status> statuses = new TreeMap<>();
            json.properties()
                    .forEach(e -> statuses.put(e.getKey(), status(e.getValue().path("status"))));
            return statuses;
        });
    }

    private static Status status(JsonNode json) {
        return new Status(
                json.path("name").asText(),
                json.path("connector").path("state").asText(),
                StreamSupport.stream(json.path("tasks").spliterator(), false)
                        .map(task -> new Task(
                                task.path("id").asInt(),
                                task.path("state").asText(),
                                Optional.ofNullable(task.get("trace")).map(JsonNode::asText)))
                        .toList());
    }

    public RestAnswer<Map<String, String>> config(String connector) throws InterruptedException {
        return http.get(path(connector, "/config")).map(json -> {
            Map<String, String> config = new TreeMap<>();
            json.properties().forEach(e -> config.put(e.getKey(), e.getValue().asText()));
            return config;
        });
    }

    /** Creates a connector that does nothing until it is resumed. Refused with 409 if there is one of that name. */
    public RestAnswer<JsonNode> createStopped(String connector, Map<String, String> config)
            throws InterruptedException {
        ObjectNode body = Json.MAPPER.createObjectNode();
        body.put("name", connector).put("initial_state", "STOPPED").set("config", Json.MAPPER.valueToTree(config));
        return unlessRebalancing(() -> http.send("POST", "/connectors", body));
    }

    /** Sets the whole configuration of a connector; its state stays. */
    public RestAnswer<JsonNode> configure(String connector, Map<String, String> config) throws InterruptedException {
        return unlessRebalancing(() -> http.send("PUT", path(connector, "/config"), Json.MAPPER.valueToTree(config)));
    }

    /** Asks for the tasks to end; returns when that is recorded, not when they have ended. */
    public RestAnswer<JsonNode> stop(String connector) throws InterruptedException {
        return unlessRebalancing(() -> http.send("PUT", path(connector, "/stop")));
    }

    public RestAnswer<JsonNode> resume(String connector) throws InterruptedException {
        return unlessRebalancing(() -> http.send("PUT", path(connector, "/resume")));
    }

    /** The source offsets of a connector, in Connect's form: {@code {"offsets": [{"partition":…, "offset":…}]}}. */
    public RestAnswer<JsonNode> offsets(String connector) throws InterruptedException {
        return http.get(path(connector, "/offsets"));
    }

    /** Sets offsets of a stopped connector, in the form of {@link #offsets}. */
    public RestAnswer<JsonNode> patchOffsets(String connector, JsonNode offsets) throws InterruptedException {
        return unlessRebalancing(() -> http.send("PATCH", path(connector, "/offsets"), offsets));
    }

    private static String path(String connector, String rest) {
        return "/connectors/" + URLEncoder.encode(connector, StandardCharsets.UTF_8) + rest;
    }

    private interface Call {
        RestAnswer<JsonNode> send() throws InterruptedException;
    }

    private static RestAnswer<JsonNode> unlessRebalancing(Call call) throws InterruptedException {
        long began = System.nanoTime();
        while (true) {
            RestAnswer<JsonNode> answer = call.send();
            boolean rebalancing = answer instanceof RestAnswer.Refused<JsonNode> refused
                    && refused.status() == CONFLICT
                    && !refused.reason().contains("already exists");
            if (!rebalancing || System.nanoTime() - began > REBALANCE_LIMIT.toNanos()) {
                return answer;
            }
            Thread.sleep(REBALANCE_WAIT_MILLIS);
        }
    }
}
