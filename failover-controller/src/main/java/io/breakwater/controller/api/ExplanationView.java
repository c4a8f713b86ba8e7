package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Explanation;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.controller.signal.SignalAssessment;
import io.breakwater.platform.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;

/** What {@code GET /v1/regions/{region}/signals} and {@code .../explanation} answer. */
final class ExplanationView {

    private ExplanationView() {}

    /** What this node sees. */
    static ObjectNode signals(String node, RegionAssessment seen) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("node", node)
                .put("region", seen.region())
                .put("verdict", seen.verdict().verdict().name());
        ArrayNode signals = json.putArray("signals");
        seen.signals().forEach(signal -> {
            ObjectNode one = signal(signal);
            one.set(
                    "lastTrouble",
                    signal.history()
                            .lastTrouble()
                            .map(trouble -> Json.MAPPER
                                    .createObjectNode()
                                    .put("at", trouble.at().toString())
                                    .put("reason", trouble.reason()))
                            .orElse(null));
            signals.add(one);
        });
        return json;
    }

    /** As the status has it too. */
    static ObjectNode signal(SignalAssessment signal) {
        return Json.MAPPER
                .createObjectNode()
                .put("signal", signal.signal())
                .put("class", signal.signalClass())
                .put("counts", signal.counts())
                .put("verdict", signal.verdict().name())
                .put("breaker", signal.breaker())
                .put("since", signal.history().verdictSince().toString())
                .put("transitions", signal.history().transitions())
                .put("slow", signal.history().slow())
                .put("detail", signal.detail());
    }

    /**
     * @param seen what this node sees
     * @param peers what the others answered; empty for those that did not
     * @param clock this node's
     */
    static ObjectNode of(
            ControlState state,
            String node,
            RegionAssessment seen,
            SortedMap<String, Optional<JsonNode>> peers,
            Instant clock) {
        Explanation explanation = Explanation.of(state, seen.region());
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("region", seen.region())
                .put("node", node)
                .put("at", state.now().toString())
                .put("behindSeconds", StatusView.seconds(Duration.between(state.now(), clock)))
                .put("verdict", explanation.verdict().name());
        ArrayNode observers = json.putArray("observers");
        explanation.observers().forEach(observer -> {
            ObjectNode one = observers.addObject();
            one.put("node", observer.node()).put("vote", observer.vote().name());
            one.put(
                    "silentSeconds",
                    observer.silentFor().map(StatusView::seconds).orElse(null));
            one.put("downSince", observer.downSince().map(Instant::toString).orElse(null));
            observer.downClasses().forEach(one.putArray("downClasses")::add);
            observer.upClasses().forEach(one.putArray("upClasses")::add);
            Optional<JsonNode> signals = observer.node().equals(node)
                    ? Optional.of(signals(node, seen).path("signals"))
                    : peers.getOrDefault(observer.node(), Optional.empty());
            one.put("answers", signals.isPresent());
            one.set("signals", signals.orElseGet(Json.MAPPER::createArrayNode));
        });
        ArrayNode groups = json.putArray("groups");
        explanation.groups().forEach(group -> groups.add(group(state, group)));
        ArrayNode left = json.putArray("left");
        explanation.left().forEach(group -> left.add(left(group)));
        ArrayNode fences = json.putArray("fences");
        explanation
                .fences()
                .forEach(fence -> fences.add(
                        FenceView.of(fence.known()).put("group", fence.group()).put("active", fence.active())));
        json.put("text", ExplanationText.of(json));
        return json;
    }

    private static ObjectNode left(Explanation.Left left) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("group", left.group())
                .put("active", left.active())
                .put("jobsClosed", left.jobs().closed())
                .put("trouble", left.jobs().trouble().orElse(null));
        ArrayNode ended = json.putArray("ended");
        left.jobs()
                .ended()
                .forEach(job -> ended.addObject()
                        .put("job", job.job())
                        .put("jobId", job.jobId())
                        .put("at", job.endedAt().toString())
                        .put("snapshot", job.snapshot().orElse(null))
                        .put("kept", job.kept().name()));
        return json;
    }

    private static ObjectNode group(ControlState state, Explanation.OfGroup group) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("group", group.group())
                .put("standby", group.standby())
                .put(
                        "mode",
                        Optional.ofNullable(state.settings().groups().get(group.group()))
                                .map(settings -> settings.policy().mode().name())
                                .orElse(null));
        ArrayNode rules = json.putArray("rules");
        group.rules()
                .forEach(rule -> rules.addObject()
                        .put("rule", rule.number())
                        .put("name", rule.name())
                        .put("holds", rule.holds())
                        .put("text", rule.text()));
        json.set("denials", Problem.denials(group.denials()));
        return json;
    }
}
