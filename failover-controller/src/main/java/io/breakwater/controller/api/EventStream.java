package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Server-sent events: {@code status} and {@code operation} (the newest one), each as the REST API shows it, at the
 * beginning and whenever it has changed, at most twice a second. A client that does not keep up is cut off; browsers
 * come back by themselves.
 */
final class EventStream {

    private static final int MAX_CLIENTS = 100;
    private static final long LOOK_EVERY_MS = 500;
    private static final int LOOKS_PER_COMMENT = 20;
    private static final String TIME_OF_STATE = "at";

    private final ControlRequests requests;
    private final Set<HttpServerResponse> clients = ConcurrentHashMap.newKeySet();
    private final Map<String, String> sent = new ConcurrentHashMap<>();
    private int looks;

    EventStream(Vertx vertx, ControlRequests requests) {
        this.requests = requests;
        vertx.setPeriodic(LOOK_EVERY_MS, timer -> look());
    }

    int clients() {
        return clients.size();
    }

    void open(RoutingContext context) {
        HttpServerResponse response = context.response();
        if (clients.size() >= MAX_CLIENTS) {
            context.fail(new ProblemException(
                    Problem.of(Problem.Kind.UNAVAILABLE, "this node already has " + MAX_CLIENTS + " listeners")));
            return;
        }
        response.setChunked(true)
                .putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-store")
                .closeHandler(closed -> clients.remove(response))
                .exceptionHandler(broken -> clients.remove(response));
        clients.add(response);
        send(response, event("status", requests.status().toString()));
        newestOperation().ifPresent(operation -> send(response, event("operation", operation.toString())));
    }

    private Optional<ObjectNode> newestOperation() {
        return Optional.ofNullable(
                (ObjectNode) requests.operations().path("operations").get(0));
    }

    private void look() {
        looks++;
        if (clients.isEmpty()) {
            sent.clear();
            return;
        }
        if (looks % LOOKS_PER_COMMENT == 0) {
            clients.forEach(client -> send(client, ": still here\n\n"));
        }
        ObjectNode status = requests.status();
        String full = status.toString();
        status.remove(TIME_OF_STATE);
        tell("status", status.toString(), full);
        newestOperation().ifPresent(operation -> tell("operation", operation.toString(), operation.toString()));
    }

    private void tell(String name, String compared, String data) {
        if (!compared.equals(sent.put(name, compared))) {
            clients.forEach(client -> send(client, event(name, data)));
        }
    }

    /** JSON has no line ends in it, so one data line holds it. */
    private static String event(String name, String json) {
        return "event: " + name + "\ndata: " + json + "\n\n";
    }

    private void send(HttpServerResponse client, String text) {
        if (client.closed() || client.writeQueueFull()) {
            clients.remove(client);
            client.reset();
            return;
        }
        client.write(text).onFailure(broken -> clients.remove(client));
    }
}
