package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a readiness drill found.
 *
 * @param flow from the region that would be left to the one that would be promoted
 * @param estimatedRto hold time, and from the decision to the route in the newest failover; empty if there was none
 * @param waits what every automatic failover waits for: hold time, lease, margin
 * @param currentRpo age of the newest recovery point; empty if there is none
 */
record DrillReport(
        String id,
        String group,
        Epoch epoch,
        Flow flow,
        Instant at,
        Optional<Duration> estimatedRto,
        Duration waits,
        Optional<Duration> currentRpo,
        List<Check> checks) {

    static final String KIND = "readiness";

    /** @param detail what was found, whether it passed or not */
    record Check(String name, boolean passed, String detail) {}

    DrillReport {
        checks = List.copyOf(checks);
    }

    boolean ready() {
        return checks.stream().allMatch(Check::passed);
    }

    ObjectNode toJson() {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("id", id)
                .put("kind", KIND)
                .put("group", group)
                .put("epoch", epoch.number())
                .put("from", flow.from())
                .put("to", flow.to())
                .put("at", at.toString())
                .put("ready", ready())
                .put(
                        "estimatedRtoSeconds",
                        estimatedRto.map(StatusView::seconds).orElse(null))
                .put(
                        "estimatedRtoNote",
                        estimatedRto.isPresent()
                                ? "hold time, and from decision to route in the group's newest failover"
                                : "unknown: no failover of this group has been routed yet; the waits alone are in waitsSeconds")
                .put("waitsSeconds", StatusView.seconds(waits))
                .put("currentRpoSeconds", currentRpo.map(StatusView::seconds).orElse(null))
                .put(
                        "currentRpoNote",
                        currentRpo.isPresent()
                                ? "age of the newest recovery point"
                                : "unknown: there is no recovery point");
        ArrayNode array = json.putArray("checks");
        checks.forEach(check -> array.addObject()
                .put("name", check.name())
                .put("passed", check.passed())
                .put("detail", check.detail()));
        return json;
    }
}
