package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.signal.AlertBoard;
import io.breakwater.platform.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Notifications of Alertmanager's webhook, version 4 of its format (prometheus.io/docs/alerting/latest/configuration,
 * webhook_config). What they mean is for the signals to say.
 */
final class AlertRequests {

    private static final String FIRING = "firing";

    private final AlertBoard board;

    AlertRequests(AlertBoard board) {
        this.board = board;
    }

    /** @param body as the contract has it, already checked */
    CompletionStage<ObjectNode> take(JsonObject body) {
        JsonArray notified = body.getJsonArray("alerts");
        List<AlertBoard.Alert> alerts = new ArrayList<>();
        for (int i = 0; i < notified.size(); i++) {
            alerts.add(alert(notified.getJsonObject(i), i));
        }
        if (!board.take(alerts)) {
            throw new ProblemException(Problem.of(
                    Problem.Kind.BUSY, "this node remembers " + AlertBoard.KEPT + " firing alerts and takes no more"));
        }
        return CompletableFuture.completedFuture(Json.MAPPER.createObjectNode().put("taken", alerts.size()));
    }

    private static AlertBoard.Alert alert(JsonObject alert, int index) {
        SortedMap<String, String> labels = new TreeMap<>();
        alert.getJsonObject("labels").forEach(label -> labels.put(label.getKey(), String.valueOf(label.getValue())));
        try {
            return new AlertBoard.Alert(
                    alert.getString("fingerprint"),
                    alert.getString("status").equals(FIRING),
                    Instant.parse(alert.getString("startsAt")),
                    labels);
        } catch (DateTimeParseException e) {
            throw new ProblemException(new Problem(
                    Problem.Kind.INVALID_REQUEST,
                    "the request does not fit the contract",
                    List.of(new Problem.Fault("/alerts/" + index + "/startsAt", "is no time of RFC 3339")),
                    List.of()));
        }
    }
}
