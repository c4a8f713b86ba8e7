package io.breakwater.controller.runbook.steps;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.routing.Route;
import io.breakwater.controller.routing.RouteTarget;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Sends clients to the promoted region: every target is pointed there, and says so when asked. */
public final class RouteStep implements RunbookStep {

    private final Map<String, List<RouteTarget>> targets;

    /** @param targets by group; of each at least the API's own */
    public RouteStep(Map<String, List<RouteTarget>> targets) {
        this.targets = Map.copyOf(targets);
    }

    @Override
    public String id() {
        return "route";
    }

    @Override
    public String preview(Preview preview) {
        return "points "
                + targets.getOrDefault(preview.group(), List.of()).stream()
                        .map(RouteTarget::id)
                        .collect(Collectors.joining(", "))
                + " to "
                + preview.platform().region(preview.flow().to()).kafka().bootstrap();
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        String region = context.flow().to();
        String bootstrap = context.platform().region(region).kafka().bootstrap();
        Route route = new Route(context.group(), region, context.epoch(), bootstrap);
        ObjectNode detail =
                JsonNodeFactory.instance.objectNode().put("region", region).put("bootstrap", bootstrap);
        ObjectNode pointed = detail.putObject("targets");
        List<String> failures = new ArrayList<>();
        for (RouteTarget target : targets.getOrDefault(context.group(), List.of())) {
            RouteTarget.Outcome outcome = target.point(route);
            if (outcome instanceof RouteTarget.Outcome.Pointed ok) {
                pointed.put(target.id(), ok.how());
            } else if (outcome instanceof RouteTarget.Outcome.NotPointed not) {
                failures.add(target.id() + ": " + not.reason());
            }
        }
        return failures.isEmpty() ? new StepOutcome.Done(detail) : new StepOutcome.Failed(String.join("; ", failures));
    }
}
