package io.breakwater.local.quickstart;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.local.process.Launch;
import io.breakwater.local.process.ServerProcess;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** A page in a real, headless Chromium, looked at over the DevTools protocol. */
final class PageInBrowser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long ANSWER_SECONDS = 30;
    private static final List<String> OPTIONS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-port=0");

    private final ServerProcess process;
    private final WebSocket socket;
    private final Answers answers = new Answers();

    /** Collects the frames of one answer after the other. */
    private static final class Answers implements WebSocket.Listener {

        private final StringBuilder frames = new StringBuilder();
        private volatile CompletableFuture<JsonNode> next = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            frames.append(data);
            if (last) {
                try {
                    next.complete(Json.MAPPER.readTree(frames.toString()));
                } catch (IOException e) {
                    next.completeExceptionally(e);
                }
                frames.setLength(0);
            }
            return WebSocket.Listener.super.onText(webSocket, data, last);
        }
    }

    /** Whether this machine has the browser. */
    static boolean possible() {
        return Files.isExecutable(CHROMIUM);
    }

    /** @param directory for the browser's profile and log */
    PageInBrowser(Path directory, URI page) throws Exception {
        Path profile = Files.createDirectories(directory.resolve("profile"));
        List<String> command = new java.util.ArrayList<>(List.of(CHROMIUM.toString()));
        command.addAll(OPTIONS);
        command.addAll(List.of("--user-data-dir=" + profile, page.toString()));
        process = new ServerProcess(
                new Launch("chromium", command, Map.of(), directory, directory.resolve("chromium.log")));
        process.launch();
        Path port = profile.resolve("DevToolsActivePort");
        URI target = await().atMost(LIMIT)
                .until(() -> target(port), Optional::isPresent)
                .orElseThrow();
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(target, answers)
                .get(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    /** The socket of the first page, once there is one. */
    private static Optional<URI> target(Path portFile) throws InterruptedException {
        try {
            List<String> lines = Files.exists(portFile) ? Files.readAllLines(portFile) : List.of();
            if (lines.isEmpty()) {
                return Optional.empty();
            }
            String port = lines.get(0);
            HttpRequest list = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                    .build();
            String body = HttpClient.newHttpClient()
                    .send(list, HttpResponse.BodyHandlers.ofString())
                    .body();
            for (JsonNode target : Json.MAPPER.readTree(body)) {
                if (target.path("type").asText().equals("page")) {
                    return Optional.of(
                            URI.create(target.path("webSocketDebuggerUrl").asText()));
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a person reads on the page now. */
    String text() throws Exception {
        answers.next = new CompletableFuture<>();
        ObjectNode call = Json.MAPPER.createObjectNode();
        call.put("id", 1)
                .put("method", "Runtime.evaluate")
                .putObject("params")
                .put("expression", "document.body.innerText");
        socket.sendText(call.toString(), true).get(ANSWER_SECONDS, TimeUnit.SECONDS);
        return answers.next
                .get(ANSWER_SECONDS, TimeUnit.SECONDS)
                .at("/result/result/value")
                .asText();
    }

    @Override
    public void close() {
        socket.abort();
        process.close();
    }
}
