package io.breakwater.controller.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.signal.RegionAssessment;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the API's requests do, without HTTP. Thread-safe; nothing blocks. Each fails with {@link ProblemException} for
 * what a client should know, with anything else for a fault of ours.
 */
final class ControlRequests implements AutoCloseable {

    private static final int DRILLS_KEPT = 64;

    private final ControlPlane control;
    private final Platform platform;
    private final Function<String, RegionAssessment> assessments;
    private final PositionRequests positions;
    private final PeerSignals peers;
    private final TableRequests tables;
    private final LoggedProposals proposals;
    private final Clock clock;
    private final Map<String, ObjectNode> drills = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ObjectNode> eldest) {
            return size() > DRILLS_KEPT;
        }
    };

    ControlRequests(
            ControlPlane control,
            Platform platform,
            Function<String, RegionAssessment> assessments,
            ClientPositions positions,
            TableVersions tables,
            LoggedProposals proposals,
            Clock clock) {
        this.proposals = proposals;
        this.control = control;
        this.platform = platform;
        this.assessments = assessments;
        this.positions = new PositionRequests(positions);
        this.peers = new PeerSignals(platform.nodes(), control.node());
        this.tables = new TableRequests(tables);
        this.clock = clock;
    }

    ObjectNode status() {
        return StatusView.of(
                control.state(),
                control.node(),
                control.leader(),
                platform.regions().keySet(),
                control.vitals(),
                assessments);
    }

    ObjectNode operations() {
        ObjectNode json = Json.MAPPER.createObjectNode();
        ArrayNode array = json.putArray("operations");
        List<Operation> oldestFirst = control.state().operations();
        for (int i = oldestFirst.size() - 1; i >= 0; i--) {
            array.add(OperationView.of(oldestFirst.get(i)));
        }
        return json;
    }

    ObjectNode operation(String id) {
        return control.state()
                .operation(id)
                .map(OperationView::of)
                .orElseThrow(() -> new ProblemException(Problem.notFound("operation", id)));
    }

    /** @param body as the contract has it, already checked */
    CompletionStage<ObjectNode> requestOperation(JsonObject body) {
        String id = body.getString("id", UUID.randomUUID().toString());
        String kind = body.getString("kind");
        String group = body.getString("group");
        String requestedBy = body.getString("requestedBy", "token-holder");
        String reason = body.getString("reason");
        boolean acceptLoss = body.getBoolean("acceptLoss", false);
        if (acceptLoss && !body.containsKey("requestedBy")) {
            throw new ProblemException(new Problem(
                    Problem.Kind.INVALID_REQUEST,
                    "a loss is accepted by name (rule 8)",
                    List.of(new Problem.Fault("/requestedBy", "is needed with acceptLoss")),
                    List.of()));
        }
        ObjectNode detail = Json.MAPPER
                .createObjectNode()
                .put("kind", kind)
                .put("requestedBy", requestedBy)
                .put("reason", reason)
                .put("acceptLoss", acceptLoss);
        if (acceptLoss) {
            detail.put("lossSeconds", lossSeconds(control.state(), group));
        }
        List<String> evidence = proposals.entries("operation-requested", group, Optional.of(id), detail);
        return proposals
                .propose(
                        new ControlEvent.OperationRequested(id, kind, group, requestedBy, reason, acceptLoss, evidence))
                .thenApply(reply -> {
                    String begun = reply instanceof Reply.OperationBegun known ? known.operation() : id;
                    return Json.MAPPER
                            .createObjectNode()
                            .put("id", begun)
                            .put("awaitsApproval", reply instanceof Reply.AwaitsApproval);
                });
    }

    /** What a failover now would lose, as far as this node knows: null if there is no recovery point to tell by. */
    private static @Nullable Double lossSeconds(ControlState state, String group) {
        return state.group(group)
                .flatMap(g -> g.readiness()
                        .flatMap(Readiness::recoveryPoint)
                        .map(point -> StatusView.seconds(Duration.between(
                                point.sourceTime(),
                                state.firstDownVote(g.active(), state.now()).orElse(state.now())))))
                .orElse(null);
    }

    /** Runs it, and answers once its report is an entry of the evidence log. */
    CompletionStage<ObjectNode> requestDrill(JsonObject body) {
        String name = body.getString("group");
        ControlState state = control.state();
        GroupState group = group(state, name);
        ReadinessDrill drill = new ReadinessDrill(
                state,
                name,
                group,
                platform.group(name),
                control.leader(),
                assessments.apply(group.standby()),
                control.receipts(group.standby()),
                clock.instant());
        String id = UUID.randomUUID().toString();
        ObjectNode report = drill.run(id).toJson();
        return proposals
                .propose(new ControlEvent.EvidenceRecorded(proposals.entries("drill", name, Optional.of(id), report)))
                .thenApply(reply -> {
                    synchronized (drills) {
                        drills.put(id, report);
                    }
                    return report;
                });
    }

    /** Makes an entry of the evidence log of a drill that ran without the controller, and answers once it is one. */
    CompletionStage<ObjectNode> recordDrill(JsonObject body) {
        String name = body.getString("group");
        group(control.state(), name);
        String id = UUID.randomUUID().toString();
        ObjectNode detail = tree(body);
        return proposals
                .propose(new ControlEvent.EvidenceRecorded(proposals.entries("drill", name, Optional.of(id), detail)))
                .thenApply(reply -> Json.MAPPER.createObjectNode().put("id", id));
    }

    private static ObjectNode tree(JsonObject body) {
        try {
            return Json.MAPPER.readValue(body.encode(), ObjectNode.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was read as JSON is none", e);
        }
    }

    ObjectNode drill(String id) {
        synchronized (drills) {
            ObjectNode report = drills.get(id);
            if (report == null) {
                throw new ProblemException(Problem.notFound("drill on this node", id));
            }
            return report;
        }
    }

    ObjectNode route(String name) {
        ControlState state = control.state();
        return ClientView.route(platform, name, group(state, name), state);
    }

    /** As this node sees it. */
    ObjectNode signals(String region) {
        return ExplanationView.signals(control.node(), assessments.apply(known(region)));
    }

    /** Asks the other nodes what they see. */
    CompletionStage<ObjectNode> explanation(String region) {
        known(region);
        return peers.of(region)
                .thenApply(answers -> ExplanationView.of(
                        control.state(), control.node(), assessments.apply(region), answers, clock.instant()));
    }

    private String known(String region) {
        if (!platform.regions().containsKey(region)) {
            throw new ProblemException(Problem.notFound("region", region));
        }
        return region;
    }

    /** Reads clusters, on threads of its own. */
    CompletionStage<ObjectNode> translatePositions(String name, JsonObject body) {
        ControlState state = control.state();
        return positions.translate(name, state, group(state, name), body);
    }

    /** Reads an object store, on threads of its own. */
    CompletionStage<ObjectNode> tableVersions(String name, String table, @Nullable String asOf) {
        return tables.versions(name, group(control.state(), name), table, asOf);
    }

    CompletionStage<ObjectNode> pullLease(String region, JsonObject body) {
        ControlEvent pull = new ControlEvent.LeaseRenewal(
                known(region), body.getString("broker"), UUID.randomUUID().toString());
        return proposals.propose(pull).thenApply(reply -> {
            if (reply instanceof Reply.LeaseAnswer answer) {
                return ClientView.lease(platform, answer);
            }
            throw new IllegalStateException("a lease renewal was answered with " + reply);
        });
    }

    private GroupState group(ControlState state, String name) {
        Optional<GroupState> group = platform.groups().containsKey(name) ? state.group(name) : Optional.empty();
        return group.orElseThrow(() -> new ProblemException(Problem.notFound("protection group", name)));
    }

    @Override
    public void close() {
        positions.close();
        tables.close();
    }

    /** No answer through consensus: the cause is for the log, not for the client. */
    static final class UnavailableException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnavailableException(Throwable cause) {
            super("no answer through consensus", cause);
        }
    }
}
