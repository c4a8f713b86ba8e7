package io.breakwater.region;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** JSON requests to one server, each with a time-out, answered as {@link RestAnswer}. Thread-safe. */
final class JsonHttp {

    private static final int REASON_CHARS = 500;

    private final HttpClient client;
    private final URI base;
    private final Duration timeout;

    /** @param timeout of a whole request; connecting alone may take as long */
    JsonHttp(URI base, Duration timeout) {
        this.base = base;
        this.timeout = timeout;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    URI base() {
        return base;
    }

    RestAnswer<JsonNode> get(String path) throws InterruptedException {
        return send("GET", path, BodyPublishers.noBody(), null, timeout);
    }

    RestAnswer<JsonNode> send(String method, String path) throws InterruptedException {
        return send(method, path, BodyPublishers.noBody(), null, timeout);
    }

    RestAnswer<JsonNode> send(String method, String path, JsonNode body) throws InterruptedException {
        return send(method, path, BodyPublishers.ofString(body.toString()), "application/json", timeout);
    }

    /** The answer's body as JSON; a {@link MissingNode} if it is empty. */
    RestAnswer<JsonNode> send(
            String method, String path, BodyPublisher body, @Nullable String contentType, Duration within)
            throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(base.toString().replaceFirst("/+$", "") + path))
                .timeout(within)
                .method(method, body);
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        try {
            return read(client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return new RestAnswer.Unreachable<>(method + " " + base + path + ": " + reason);
        }
    }

    private static RestAnswer<JsonNode> read(HttpResponse<String> response) {
        String body = response.body();
        if (response.statusCode() / 100 != 2) {
            return new RestAnswer.Refused<>(response.statusCode(), shortened(body));
        }
        if (body.isBlank()) {
            return new RestAnswer.Ok<>(MissingNode.getInstance());
        }
        try {
            return new RestAnswer.Ok<>(Json.MAPPER.readTree(body));
        } catch (JsonProcessingException e) {
            return new RestAnswer.Refused<>(response.statusCode(), "the answer is not JSON: " + shortened(body));
        }
    }

    private static String shortened(String body) {
        String line = body.strip().replaceAll("\\s+", " ");
        return line.length() <= REASON_CHARS ? line : line.substring(0, REASON_CHARS) + "...";
    }
}
