package io.breakwater.local.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The controller's REST API, asked of one node after the other: any of them may be dead. */
public final class ControllerApi {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final List<URI> nodes;

    public ControllerApi(List<URI> nodes) {
        this.nodes = List.copyOf(nodes);
    }

    /** Empty if no node answers, or none knows a leader: what it says may be old then. */
    public Optional<Status> status() throws InterruptedException {
        for (URI node : nodes) {
            Optional<Status> status = statusOf(node);
            if (status.isPresent()) {
                return status;
            }
        }
        return Optional.empty();
    }

    private Optional<Status> statusOf(URI node) throws InterruptedException {
        return get(node.resolve("/v1/status")).map(Status::new).filter(Status::hasLeader);
    }

    public Optional<OperationView> operation(String id) throws InterruptedException {
        return get("/v1/operations/" + id).map(OperationView::new);
    }

    /** The id of the newest operation of a kind. */
    public Optional<String> latest(String kind) throws InterruptedException {
        return get("/v1/operations").flatMap(answer -> {
            for (JsonNode operation : answer.path("operations")) {
                if (operation.path("kind").asText().equals(kind)) {
                    return Optional.of(operation.path("id").asText());
                }
            }
            return Optional.empty();
        });
    }

    /** Why a region is what it is, and what follows. */
    Optional<JsonNode> explanation(String region) throws InterruptedException {
        return get("/v1/regions/" + region + "/explanation");
    }

    private Optional<JsonNode> get(String path) throws InterruptedException {
        for (URI node : nodes) {
            // Not of a node that is cut off from the others: it answers, but with what was so before.
            Optional<JsonNode> answer = statusOf(node).isPresent() ? get(node.resolve(path)) : Optional.empty();
            if (answer.isPresent()) {
                return answer;
            }
        }
        return Optional.empty();
    }

    /** Empty if the node is dead, or not up yet, or does not know. */
    private Optional<JsonNode> get(URI address) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address).timeout(TIMEOUT).build();
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return response.statusCode() == OK ? Optional.of(Json.MAPPER.readTree(response.body())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
