package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupSettings;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Reply;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;

/** What clients of the platform and its brokers are told. */
final class ClientView {

    private ClientView() {}

    /** Serving: brokers let ordinary writers in. Those that only ACLs close hold no lease. */
    static ObjectNode route(Platform platform, String name, GroupState group, ControlState state) {
        Duration lease = platform.group(name).policy().lease();
        boolean held = group.lease().renewals().values().stream()
                .anyMatch(renewal -> renewal.gates().ingress()
                        && !state.now().isAfter(renewal.at().plus(lease)));
        GroupSettings settings = state.settings().groups().get(name);
        boolean byAcls = settings != null && settings.fencedByAcls().contains(group.active());
        return Json.MAPPER
                .createObjectNode()
                .put("group", name)
                .put("region", group.active())
                .put("epoch", group.epoch().number())
                .put("serving", group.gates().ingress() && !group.lease().lapsed() && (held || byAcls))
                .put("bootstrap", platform.region(group.active()).kafka().bootstrap());
    }

    /** The lease as decided, with what the group is made of, so that a broker knows what it governs. */
    static ObjectNode lease(Platform platform, Reply.LeaseAnswer answer) {
        ObjectNode json = Json.MAPPER.createObjectNode().put("region", answer.region());
        ArrayNode groups = json.putArray("groups");
        for (Reply.GroupLease lease : answer.groups()) {
            ProtectionGroup group = platform.groups().get(lease.group());
            if (group == null) {
                // Another node's platform file has it: a broker that knows it keeps it until its lease ends.
                continue;
            }
            ObjectNode one = groups.addObject()
                    .put("group", lease.group())
                    .put("active", lease.active())
                    .put("epoch", lease.epoch().number())
                    .put("ingress", lease.active() && lease.ingress())
                    .put("pipeline", lease.active() && lease.pipeline())
                    .put("leaseMillis", lease.leaseMillis());
            group.patterns(AssetSpec.KAFKA_TOPIC).forEach(one.putArray("topics")::add);
            group.patterns(AssetSpec.CONSUMER_GROUP).forEach(one.putArray("consumerGroups")::add);
            group.pipelinePrincipals().forEach(one.putArray("pipelinePrincipals")::add);
        }
        return json;
    }
}
