package io.breakwater.local.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code GET /v1/operations/{id}} said. */
public record OperationView(JsonNode json) {

    /** @param endedAt empty while it runs */
    public record Step(
            String name, String state, int attempts, Optional<Instant> endedAt, String failure, JsonNode detail) {}

    String kind() {
        return json.path("kind").asText();
    }

    public String state() {
        return json.path("state").asText();
    }

    public boolean running() {
        return state().equals("running");
    }

    public boolean succeeded() {
        return state().equals("succeeded");
    }

    public long epoch() {
        return json.path("epoch").asLong();
    }

    Optional<Instant> decidedAt() {
        return instant(json.path("decidedAt"));
    }

    Optional<Instant> firstDownVoteAt() {
        return instant(json.path("firstDownVoteAt"));
    }

    public String failure() {
        return json.path("failure").asText("no reason given");
    }

    public List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        json.path("steps")
                .forEach(step -> steps.add(new Step(
                        step.path("step").asText(),
                        step.path("state").asText(),
                        step.path("attempts").asInt(),
                        instant(step.path("endedAt")),
                        step.path("failure").asText(""),
                        step.path("detail"))));
        return steps;
    }

    Optional<Instant> endOf(String step) {
        return steps().stream().filter(s -> s.name().equals(step)).findFirst().flatMap(Step::endedAt);
    }

    private static Optional<Instant> instant(JsonNode node) {
        return node.isTextual() ? Optional.of(Instant.parse(node.asText())) : Optional.empty();
    }
}
