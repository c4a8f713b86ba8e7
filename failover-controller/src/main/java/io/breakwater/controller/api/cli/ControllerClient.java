package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** One controller node, over its REST API. */
public final class ControllerClient {

    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    /** What people ask for may take the nodes a while. */
    private static final Duration POST_TIMEOUT = Duration.ofSeconds(40);

    /** The node did not do what was asked; the message says so to a person. */
    public static final class ClientException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        ClientException(String message) {
            super(message);
        }
    }

    private final URI url;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    /** @throws ClientException if it is no address of a server */
    public ControllerClient(URI url) {
        if (url.getHost() == null) {
            throw new ClientException("--controller " + url + ": expected http://host:port");
        }
        this.url = url;
    }

    /** @throws ClientException if it does not answer, or answers with a problem */
    JsonNode get(String path) throws InterruptedException {
        return send(HttpRequest.newBuilder(url.resolve(path)).timeout(TIMEOUT));
    }

    /**
     * What needs no token.
     *
     * @throws ClientException if it does not answer, or answers with a problem
     */
    public JsonNode post(String path, ObjectNode body) throws InterruptedException {
        return send(HttpRequest.newBuilder(url.resolve(path))
                .timeout(POST_TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString())));
    }

    /** @throws ClientException if it does not answer, or answers with a problem */
    JsonNode post(String path, ObjectNode body, String token) throws InterruptedException {
        return send(HttpRequest.newBuilder(url.resolve(path))
                .timeout(POST_TIMEOUT)
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString(body.toString())));
    }

    private JsonNode send(HttpRequest.Builder request) throws InterruptedException {
        HttpResponse<String> response;
        try {
            response = http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new ClientException("the controller at " + url + " does not answer: is it running there?");
        }
        JsonNode body = read(response.body());
        if (response.statusCode() / 100 != 2) {
            throw new ClientException("the controller at " + url + " answers " + response.statusCode() + ", "
                    + body.path("title").asText("no reason given") + ": "
                    + body.path("detail").asText("-") + errors(body.path("errors")));
        }
        return body;
    }

    private static String errors(JsonNode errors) {
        StringBuilder text = new StringBuilder();
        errors.forEach(error -> text.append("; ")
                .append(error.path("at").asText())
                .append(' ')
                .append(error.path("error").asText()));
        return text.toString();
    }

    private JsonNode read(String body) {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new ClientException(url + " is no controller: its answer is not JSON");
        }
    }
}
