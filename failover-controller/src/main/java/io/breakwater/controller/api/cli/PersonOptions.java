package io.breakwater.controller.api.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What every command needs that a person answers for. */
final class PersonOptions {

    @Option(names = "--controller", required = true, paramLabel = "URL", description = "A controller node's REST API.")
    @SuppressWarnings("NullAway.Init")
    private URI controller;

    @Option(names = "--token-file", required = true, paramLabel = "FILE", description = "The token that writes need.")
    @SuppressWarnings("NullAway.Init")
    private Path tokenFile;

    @Option(names = "--by", required = true, paramLabel = "NAME", description = "Your name; it goes into the log.")
    @SuppressWarnings("NullAway.Init")
    private String requestedBy;

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it goes into the log.")
    @SuppressWarnings("NullAway.Init")
    private String reason;

    /** A request's body with name and reason; the caller adds to it. */
    ObjectNode body() {
        return Json.MAPPER.createObjectNode().put("requestedBy", requestedBy).put("reason", reason);
    }

    JsonNode post(String path, ObjectNode body) throws InterruptedException {
        return new ControllerClient(controller).post(path, body, token(tokenFile));
    }

    static String token(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ControllerClient.ClientException("--token-file " + file + ": no such readable file");
        }
    }
}
