package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.StepRun;
import io.breakwater.platform.Json;
import java.util.Optional;

/** An operation as the contract shows it. */
final class OperationView {

    private OperationView() {}

    static ObjectNode of(Operation operation) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("id", operation.id())
                .put("kind", operation.kind())
                .put("group", operation.group())
                .put("epoch", operation.epoch().number())
                .put("from", operation.flow().from())
                .put("to", operation.flow().to())
                .put("state", operation.state().name())
                .put("decidedAt", operation.decidedAt().toString())
                .put("firstDownVoteAt", text(operation.firstDownVoteAt()))
                .put("requestedBy", operation.requestedBy())
                .put("reason", operation.reason())
                .put("pointOfNoReturnAt", text(operation.pointOfNoReturnAt()))
                .put("endedAt", text(operation.endedAt()))
                .put("failure", text(operation.failure()));
        ArrayNode approvals = json.putArray("approvals");
        operation
                .approvals()
                .forEach(approval -> approvals.add(Json.MAPPER
                        .createObjectNode()
                        .put("step", approval.step())
                        .put("approvedBy", approval.approvedBy())
                        .put("reason", approval.reason())
                        .put("at", approval.at().toString())));
        ArrayNode steps = json.putArray("steps");
        operation.steps().forEach(step -> steps.add(of(step)));
        return json;
    }

    private static ObjectNode of(StepRun run) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("step", run.step())
                .put("state", run.state().name())
                .put("beganAt", run.beganAt().toString())
                .put("endedAt", text(run.endedAt()))
                .put("attempts", run.attempts())
                .put("failure", text(run.failure()));
        json.set("detail", run.detail());
        return json;
    }

    @SuppressWarnings("NullAway") // JSON's null
    private static String text(Optional<?> value) {
        return value.map(Object::toString).orElse(null);
    }
}
