package io.breakwater.local.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** A person at the controller's API. */
final class ControllerClient {

    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final int OK_CLASS = 2;

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI node;
    private final String token;

    ControllerClient(URI node, String token) {
        this.node = node;
        this.token = token;
    }

    /** @return the operation's id; empty if it was refused, which {@code refusal} hears */
    Optional<String> request(String kind, StringBuilder refusal) throws IOException, InterruptedException {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("kind", kind).put("group", MirrorPair.GROUP).put("reason", "three legs");
        body.put("requestedBy", "ada").put("acceptLoss", true);
        HttpResponse<byte[]> answer = post("/v1/operations", body);
        JsonNode json = Json.MAPPER.readTree(answer.body());
        if (answer.statusCode() / 100 == OK_CLASS) {
            return Optional.of(json.path("id").asText());
        }
        refusal.setLength(0);
        refusal.append(json);
        return Optional.empty();
    }

    /** What the positions of a region that the group was in are where it is now. */
    JsonNode translate(String from, Map<PartitionKey, Long> positions) throws IOException, InterruptedException {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("from", from);
        ArrayNode array = body.putArray("positions");
        positions.forEach((partition, offset) -> array.addObject()
                .put("topic", partition.topic())
                .put("partition", partition.partition())
                .put("offset", offset));
        return Json.MAPPER.readTree(post("/v1/groups/" + MirrorPair.GROUP + "/positions/translate", body)
                .body());
    }

    /** A person answers for what a step waits for. @return what the controller says */
    JsonNode approve(String operation, String step) throws IOException, InterruptedException {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("step", step)
                .put("requestedBy", "ada")
                .put("reason", "its power is off");
        return Json.MAPPER.readTree(
                post("/v1/operations/" + operation + "/approvals", body).body());
    }

    private HttpResponse<byte[]> post(String path, ObjectNode body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(node.resolve(path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Of the group. */
    JsonNode status() throws IOException, InterruptedException {
        return get("/v1/status").path("groups").path(MirrorPair.GROUP);
    }

    JsonNode operation(String id) throws IOException, InterruptedException {
        return get("/v1/operations/" + id);
    }

    /** The newest of a kind and epoch. */
    Optional<JsonNode> newest(String kind, long epoch) throws IOException, InterruptedException {
        for (JsonNode operation : get("/v1/operations").path("operations")) {
            if (operation.path("kind").asText().equals(kind)
                    && operation.path("epoch").asLong() == epoch) {
                return Optional.of(operation);
            }
        }
        return Optional.empty();
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(node.resolve(path)).timeout(TIMEOUT).build();
        return Json.MAPPER.readTree(
                http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
    }
}
