package io.breakwater.controller.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.app.ControlPlane;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Dry runs of runbooks. */
final class DryRunRequests {

    private final ControlPlane control;
    private final Platform platform;
    private final RunbookPreview previews;

    DryRunRequests(ControlPlane control, Platform platform, RunbookPreview previews) {
        this.control = control;
        this.platform = platform;
        this.previews = previews;
    }

    /** @param body as the contract has it, already checked */
    CompletionStage<ObjectNode> run(JsonObject body) {
        String group = body.getString("group");
        if (!platform.groups().containsKey(group)) {
            throw new ProblemException(Problem.notFound("protection group", group));
        }
        try {
            ObjectNode answer = Json.MAPPER.createObjectNode().put("group", group);
            answer.set(
                    "steps",
                    previews.of(
                            group,
                            Json.MAPPER.readTree(body.getJsonObject("runbook").encode()),
                            control.state()));
            return CompletableFuture.completedFuture(answer);
        } catch (InvalidPlatformException e) {
            throw wrong(e.wrong().stream()
                    .map(line -> new Problem.Fault("/runbook", line))
                    .toList());
        } catch (JsonProcessingException e) {
            throw wrong(List.of(new Problem.Fault("/runbook", "is not JSON")));
        }
    }

    private static ProblemException wrong(List<Problem.Fault> faults) {
        return new ProblemException(
                new Problem(Problem.Kind.INVALID_REQUEST, "the runbook is wrong", faults, List.of()));
    }
}
