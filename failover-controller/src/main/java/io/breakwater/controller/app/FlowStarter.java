package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.Effect.StartFlow;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Platform;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.KafkaAnswer;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.ResourcePatternFilter;

/** Tells the connectors of a flow to run. The replicator makes them, stopped. */
final class FlowStarter {

    private final Platform platform;
    private final RegionClients clients;

    FlowStarter(Platform platform, RegionClients clients) {
        this.platform = platform;
        this.clients = clients;
    }

    /** @return why it is not done yet; empty if each connector of the flow has been told */
    Optional<String> start(StartFlow effect) throws InterruptedException {
        try {
            return tell(effect);
        } catch (KafkaException e) {
            return Optional.of("Kafka of " + effect.flow().to() + ": " + e.getMessage());
        }
    }

    private Optional<String> tell(StartFlow effect) throws InterruptedException {
        if (!effect.epoch().equals(Epoch.FIRST)) {
            // An operation that was undone may have fenced the flow.
            liftFence(effect);
        }
        ConnectRest connect = clients.connect(effect.flow().to());
        RestAnswer<SortedSet<String>> answer = connect.connectors();
        Optional<SortedSet<String>> connectors = answer.ifOk();
        if (connectors.isEmpty()) {
            return Optional.of("Connect of " + effect.flow().to() + " is " + answer);
        }
        Set<String> missing = platform.group(effect.group()).assets().stream()
                .map(AssetSpec::kind)
                .map(kind -> new ConnectorName(effect.group(), kind, effect.flow()).toString())
                .filter(name -> !connectors.get().contains(name))
                .collect(Collectors.toSet());
        for (String connector : connectors.get()) {
            if (ConnectorName.belongsTo(connector, effect.group(), effect.flow())) {
                RestAnswer<JsonNode> resumed = connect.resume(connector);
                if (resumed.ifOk().isEmpty()) {
                    return Optional.of("connector " + connector + " is " + resumed);
                }
            }
        }
        return missing.isEmpty() ? Optional.empty() : Optional.of("connectors are missing: " + missing);
    }

    private void liftFence(StartFlow effect) throws InterruptedException {
        String principal = platform.region(effect.flow().to()).kafka().mirrorPrincipal();
        AclBindingFilter denials = new AclBindingFilter(
                ResourcePatternFilter.ANY,
                new AccessControlEntryFilter(principal, null, AclOperation.ANY, AclPermissionType.DENY));
        KafkaAnswer.await(
                clients.admin(effect.flow().to()).deleteAcls(List.of(denials)).all(), "lift the fence of " + principal);
    }
}
