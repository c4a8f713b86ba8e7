package io.breakwater.controller.routing;

import io.breakwater.platform.Platform;
import io.breakwater.platform.RouteSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The targets of each group: the API's own, and those of the platform file. */
public final class RouteTargets {

    private static final Duration NODES_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private RouteTargets() {}

    /** By group. */
    public static Map<String, List<RouteTarget>> of(Platform platform) {
        Map<String, List<RouteTarget>> targets = new TreeMap<>();
        platform.groups().forEach((name, group) -> {
            List<RouteTarget> ofGroup = new ArrayList<>();
            ofGroup.add(new ApiRouteTarget(platform.nodes(), NODES_TIMEOUT));
            group.routes().forEach(spec -> ofGroup.add(target(spec)));
            targets.put(name, List.copyOf(ofGroup));
        });
        return targets;
    }

    private static RouteTarget target(RouteSpec spec) {
        if (spec instanceof RouteSpec.Webhook webhook) {
            return new WebhookTarget(webhook, TIMEOUT);
        }
        if (spec instanceof RouteSpec.BootstrapFile file) {
            return new BootstrapFileTarget(file.path());
        }
        if (spec instanceof RouteSpec.Route53 dns) {
            return new Route53Target(dns, TIMEOUT);
        }
        throw new IllegalStateException("no target for " + spec);
    }
}
