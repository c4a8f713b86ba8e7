package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The trace that a refused command leaves in the evidence log. Its proposer makes it, as every entry, so that all nodes
 * log the same bytes whatever release they run.
 */
public final class RefusedCommand {

    /** The kind of the entry. */
    public static final String KIND = "command-refused";

    private static final List<String> TOLD =
            List.of("kind", "step", "node", "requestedBy", "approvedBy", "reason", "acceptLoss");

    private RefusedCommand() {}

    /**
     * Whether a refusal means that whoever proposed it acts on what is over: an old leader, an old epoch, an operation
     * that has ended. Other refusals of an operation's events are part of its course, such as a lease that still holds.
     */
    public static boolean isStale(Reply.Refused refused) {
        return refused.denials().stream()
                .anyMatch(denial -> denial instanceof Denial.StaleEpoch
                        || denial instanceof Denial.NoSuchOperation
                        || denial instanceof Denial.OperationNotRunning
                        || denial instanceof Denial.UnknownGroup);
    }

    /**
     * The command id under which the trace is proposed: the same for commands of one kind, on one thing, of one epoch.
     * A leader that does not know that it was replaced asks again and again; consensus then takes in the first trace and
     * answers the others as repetitions, for as long as it remembers commands (some minutes).
     */
    public static String traceId(ControlEvent event) {
        JsonNode said = Json.MAPPER.valueToTree(event);
        return Stream.of("group", "operation", "region", "step", "epoch")
                .map(key -> said.path(key).asText())
                .collect(Collectors.joining("/", KIND + "/" + event.getClass().getSimpleName() + "/", ""));
    }

    /** To be proposed by whoever got the refusal. */
    public static ControlEvent.EvidenceRecorded trace(Instant now, ControlEvent event, Reply.Refused refused) {
        JsonNode said = Json.MAPPER.valueToTree(event);
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("command", event.getClass().getSimpleName());
        TOLD.forEach(key -> Optional.ofNullable(said.get(key)).ifPresent(value -> detail.set(key, value)));
        ArrayNode reasons = detail.putArray("refusedBecause");
        refused.denials()
                .forEach(denial -> reasons.addObject()
                        .put("denial", denial.getClass().getSimpleName())
                        .put("message", denial.message()));
        String operation = said.path("operation").asText(said.path("id").asText());
        EvidenceEntry entry = new EvidenceEntry(
                now,
                KIND,
                said.path("group").asText(),
                Optional.ofNullable(said.get("epoch"))
                        .filter(JsonNode::isNumber)
                        .map(number -> new Epoch(number.asLong())),
                Optional.of(operation).filter(id -> !id.isEmpty()),
                Optional.empty(),
                detail);
        return new ControlEvent.EvidenceRecorded(entry.texts());
    }
}
