package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.PendingRequest;
import io.breakwater.platform.Json;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What persons decide beside operations: freezes, cool-downs, approvals. Each is an entry of the evidence log. */
final class PersonRequests {

    private final ControlPlane control;
    private final LoggedProposals proposals;

    PersonRequests(ControlPlane control, LoggedProposals proposals) {
        this.control = control;
        this.proposals = proposals;
    }

    /** @param body as the contract has it, already checked */
    CompletionStage<ObjectNode> freeze(JsonObject body) {
        String group = body.getString("group", ControlEvent.ALL_GROUPS);
        boolean frozen = body.getBoolean("frozen");
        ObjectNode detail = words(body).put("frozen", frozen);
        return proposals
                .propose(new ControlEvent.FreezeChanged(
                        group,
                        frozen,
                        body.getString("requestedBy"),
                        body.getString("reason"),
                        proposals.entries("freeze-changed", group, Optional.empty(), detail)))
                .thenApply(reply ->
                        Json.MAPPER.createObjectNode().put("group", group).put("frozen", frozen));
    }

    CompletionStage<ObjectNode> acknowledge(JsonObject body) {
        String group = body.getString("group");
        return proposals
                .propose(new ControlEvent.CoolDownAcknowledged(
                        group,
                        body.getString("requestedBy"),
                        body.getString("reason"),
                        proposals.entries("cool-down-acknowledged", group, Optional.empty(), words(body))))
                .thenApply(reply -> Json.MAPPER.createObjectNode().put("group", group));
    }

    /** Of a running operation's step, or of an operation that has not begun. */
    CompletionStage<ObjectNode> approve(String id, JsonObject body) {
        ControlState state = control.state();
        ControlEvent event = body.containsKey("step") ? step(state, id, body) : operation(state, id, body);
        return proposals
                .propose(event)
                .thenApply(reply -> Json.MAPPER.createObjectNode().put("id", id));
    }

    private ControlEvent step(ControlState state, String id, JsonObject body) {
        Operation operation =
                state.operation(id).orElseThrow(() -> new ProblemException(Problem.notFound("operation", id)));
        String step = body.getString("step");
        return new ControlEvent.StepApproved(
                id,
                operation.epoch(),
                step,
                body.getString("requestedBy"),
                body.getString("reason"),
                proposals.entries(
                        "step-approved",
                        operation.group(),
                        Optional.of(id),
                        words(body).put("step", step)));
    }

    private ControlEvent operation(ControlState state, String id, JsonObject body) {
        String group = state.groups().entrySet().stream()
                .filter(entry -> entry.getValue()
                        .pending()
                        .map(PendingRequest::id)
                        .filter(id::equals)
                        .isPresent())
                .map(Map.Entry::getKey)
                .findFirst()
                .or(() -> state.operation(id).map(Operation::group))
                .orElseThrow(() -> new ProblemException(Problem.notFound("operation", id)));
        return new ControlEvent.OperationApproved(
                id,
                group,
                body.getString("requestedBy"),
                body.getString("reason"),
                proposals.entries("operation-approved", group, Optional.of(id), words(body)));
    }

    /** Who asks, and why. */
    static ObjectNode words(JsonObject body) {
        return Json.MAPPER
                .createObjectNode()
                .put("requestedBy", body.getString("requestedBy"))
                .put("reason", body.getString("reason"));
    }
}
