package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.consensus.RaftHealth;
import io.breakwater.controller.consensus.RaftVitals;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupSettings;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.PendingRequest;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.platform.Json;
import io.breakwater.platform.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What {@code GET /v1/status} answers. */
final class StatusView {

    private static final double MILLIS_PER_SECOND = 1000;

    private StatusView() {}

    /**
     * @param regions all of the platform file
     * @param raft of this node
     * @param assessments what this node sees of a region
     */
    static ObjectNode of(
            ControlState state,
            String node,
            Optional<String> leader,
            Collection<String> regions,
            RaftVitals raft,
            Function<String, RegionAssessment> assessments) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("node", node)
                .put("leader", leader.orElse(null))
                .put("at", state.now().toString())
                .put("evidence", state.evidence().size())
                .put("frozen", state.frozen());
        json.set("raft", raft(raft));
        ObjectNode groups = json.putObject("groups");
        state.groups()
                .forEach((name, group) ->
                        groups.set(name, group(group, state.settings().groups().get(name), state.now())));
        ObjectNode all = json.putObject("regions");
        regions.forEach(region -> all.set(region, region(state, region, assessments.apply(region))));
        return json;
    }

    private static ObjectNode raft(RaftVitals raft) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("serving", raft.health() instanceof RaftHealth.Serving)
                .put("longPauses", raft.longPauses())
                .put("longestPauseSeconds", seconds(raft.longestPause()));
        raft.freeBytes().ifPresent(free -> json.put("freeBytes", free));
        if (raft.health() instanceof RaftHealth.Stopped stopped) {
            json.putObject("stopped")
                    .put("cause", stopped.cause().id())
                    .put("since", stopped.since().toString())
                    .put("why", stopped.why())
                    .put("remedy", stopped.remedy());
        }
        return json;
    }

    private static ObjectNode group(GroupState group, @Nullable GroupSettings settings, Instant now) {
        Optional<Readiness> report = fresh(group, now);
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("active", group.active())
                .put("standby", group.standby())
                .put("epoch", group.epoch().number())
                .put("mode", settings == null ? null : settings.policy().mode().name())
                .put("ingress", group.gates().ingress())
                .put("pipeline", group.gates().pipeline())
                .put("operation", group.operation().orElse(null))
                .put("ready", report.filter(r -> r.notReady().isEmpty()).isPresent());
        ArrayNode notReady = json.putArray("notReady");
        report.ifPresentOrElse(
                r -> r.notReady().forEach(notReady::add),
                () -> notReady.add("there is no fresh report of the standby's readiness"));
        json.set(
                "recoveryPoint",
                report.flatMap(Readiness::recoveryPoint)
                        .map(StatusView::recoveryPoint)
                        .orElse(null));
        json.put("recoveryPoints", group.recoveryPoints());
        json.put(
                "lagSeconds",
                report.flatMap(Readiness::lag).map(StatusView::seconds).orElse(null));
        json.put("frozen", group.frozen());
        json.put("coolDownUntil", group.coolDownUntil().map(Instant::toString).orElse(null));
        json.set(
                "pending",
                group.pending()
                        .filter(pending -> pending.stands(now))
                        .map(StatusView::pending)
                        .orElse(null));
        ObjectNode fences = json.putObject("fences");
        if (settings != null) {
            settings.fencedByAcls().forEach(region -> fences.set(region, FenceView.of(group.fence(region))));
        }
        json.set("denials", Problem.denials(group.denials()));
        return json;
    }

    private static ObjectNode pending(PendingRequest pending) {
        return Json.MAPPER
                .createObjectNode()
                .put("id", pending.id())
                .put("kind", pending.kind())
                .put("requestedBy", pending.requestedBy())
                .put("reason", pending.reason())
                .put("acceptLoss", pending.acceptLoss())
                .put("at", pending.at().toString());
    }

    static Optional<Readiness> fresh(GroupState group, Instant now) {
        return group.readiness().filter(r -> !now.isAfter(r.at().plus(Readiness.FRESH)));
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / MILLIS_PER_SECOND;
    }

    private static ObjectNode recoveryPoint(RecoveryPoint point) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("sourceTime", point.sourceTime().toString());
        ObjectNode cut = json.putObject("cut");
        point.cut().ends().forEach((partition, end) -> cut.put(partition.toString(), end));
        ObjectNode positions = json.putObject("positions");
        point.positions().forEach((asset, position) -> {
            ObjectNode one = positions.putObject(asset.toString());
            one.put("sourceTime", position.sourceTime().toString());
            position.version().ifPresent(version -> one.put("version", version));
            position.location().ifPresent(location -> one.put("location", location));
        });
        return json;
    }

    private static ObjectNode region(ControlState state, String region, RegionAssessment seen) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("verdict", state.verdict(region, state.now()).name());
        ObjectNode votes = json.putObject("votes");
        state.votes(region)
                .forEach((node, vote) -> votes.put(
                        node,
                        vote.isFresh(state.now()) ? vote.verdict().verdict().name() : Verdict.UNKNOWN.name()));
        ArrayNode signals = json.putArray("signals");
        seen.signals().forEach(signal -> signals.add(ExplanationView.signal(signal)));
        return json;
    }
}
