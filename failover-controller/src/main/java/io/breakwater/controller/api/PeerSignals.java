package io.breakwater.controller.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.platform.Node;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What the other nodes see of a region, asked of each of them. Thread-safe; nothing blocks. */
final class PeerSignals {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final List<Node> peers;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    PeerSignals(List<Node> nodes, String self) {
        peers = nodes.stream().filter(node -> !node.id().equals(self)).toList();
    }

    /** By node; empty for one that did not answer within two seconds. Never fails. */
    CompletionStage<SortedMap<String, Optional<JsonNode>>> of(String region) {
        SortedMap<String, CompletableFuture<Optional<JsonNode>>> asked = new TreeMap<>();
        peers.forEach(peer -> asked.put(peer.id(), ask(peer, region)));
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(all -> {
                    SortedMap<String, Optional<JsonNode>> answers = new TreeMap<>();
                    asked.forEach((node, answer) -> answers.put(node, answer.join()));
                    return answers;
                });
    }

    private CompletableFuture<Optional<JsonNode>> ask(Node peer, String region) {
        URI uri = URI.create("http://" + peer.http() + "/v1/regions/"
                + URLEncoder.encode(region, StandardCharsets.UTF_8) + "/signals");
        return http.sendAsync(HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(), BodyHandlers.ofString())
                .thenApply(PeerSignals::read)
                .exceptionally(silence -> Optional.empty());
    }

    private static Optional<JsonNode> read(HttpResponse<String> response) {
        if (response.statusCode() != OK) {
            return Optional.empty();
        }
        try {
            return Optional.of(Json.MAPPER.readTree(response.body()).path("signals"));
        } catch (JsonProcessingException e) {
            // Something else than a node answers there.
            return Optional.empty();
        }
    }
}
