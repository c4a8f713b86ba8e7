package io.breakwater.local.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What {@code GET /v1/status} said. */
public record Status(JsonNode json) {

    public boolean hasLeader() {
        return !json.path("leader").asText("").isEmpty();
    }

    private JsonNode group(String group) {
        return json.path("groups").path(group);
    }

    public boolean open(String group) {
        return group(group).path("ingress").asBoolean()
                && group(group).path("pipeline").asBoolean();
    }

    public boolean ready(String group) {
        return group(group).path("ready").asBoolean();
    }

    int recoveryPoints(String group) {
        return group(group).path("recoveryPoints").asInt();
    }

    String verdict(String region) {
        return json.path("regions").path(region).path("verdict").asText("UNKNOWN");
    }

    /** For a line of progress. */
    String readiness(String group) {
        JsonNode at = group(group);
        List<String> reasons = new ArrayList<>();
        at.path("notReady").forEach(reason -> reasons.add(reason.asText()));
        return "recovery points " + recoveryPoints(group)
                + ", lag "
                + (at.path("lagSeconds").isNumber() ? at.path("lagSeconds").asText() + " s" : "unknown")
                + (ready(group) ? ", standby ready" : ", standby not ready: " + String.join("; ", reasons));
    }
}
