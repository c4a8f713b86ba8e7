package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.Effect.StartFlow;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.steps.FlowCutOver;
import io.breakwater.controller.runbook.steps.FlowOffsets;
import io.breakwater.controller.runbook.steps.MirrorFence;
import io.breakwater.controller.runbook.steps.TableFence;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region.KafkaCluster;
import io.breakwater.platform.Segment;
import io.breakwater.region.ConnectRest;
import io.breakwater.region.RegionClients;
import io.breakwater.region.RestAnswer;
import io.breakwater.region.SegmentTopic;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;

/**
 * Tells the connectors of a flow to run. The replicator makes them, stopped. The group's first flow simply runs; one
 * after a move, or after an operation that was undone, begins exactly at its cut-over.
 *
 * <p>The order keeps a failure at any point harmless: the segment goes through consensus before anything changes in the
 * world, and offsets are set from what the target holds, so that all of it can be done again.
 */
final class FlowStarter {

    private final Platform platform;
    private final RegionClients clients;
    private final ControlPlane plane;
    private final DutyProposals proposals;
    private final Clock clock;

    FlowStarter(Platform platform, RegionClients clients, ControlPlane plane, DutyProposals proposals, Clock clock) {
        this.platform = platform;
        this.clients = clients;
        this.plane = plane;
        this.proposals = proposals;
        this.clock = clock;
    }

    /** @return why it is not done yet; empty if each connector of the flow that can run has been told */
    Optional<String> start(StartFlow effect) throws InterruptedException {
        try {
            Optional<GroupState> group = current(effect);
            if (group.isEmpty()) {
                return Optional.of("epoch " + effect.epoch() + " is over");
            }
            boolean first = group.get().segments().segments().isEmpty()
                    && effect.epoch().equals(Epoch.FIRST);
            List<String> fenced = isUndone(effect) ? fences(effect) : List.of();
            if (!fenced.isEmpty()) {
                return Optional.of(String.join("; ", fenced));
            }
            Optional<String> obstacle = first ? Optional.empty() : cutOver(effect, group.get());
            return obstacle.isPresent() ? obstacle : resume(effect);
        } catch (KafkaException e) {
            return Optional.of("Kafka of " + effect.flow() + ": " + e.getMessage());
        }
    }

    private Optional<GroupState> current(StartFlow effect) {
        return plane.state()
                .group(effect.group())
                .filter(group ->
                        group.epoch().equals(effect.epoch()) && group.flow().equals(effect.flow()));
    }

    /** Whether this epoch began because an operation was undone, which may have fenced the active region's tables. */
    private boolean isUndone(StartFlow effect) {
        return plane.state().operations().stream()
                .anyMatch(operation -> operation.group().equals(effect.group())
                        && operation.moves()
                        && operation.pointOfNoReturnAt().isEmpty()
                        && operation.epoch().next().equals(effect.epoch()));
    }

    /** Lifts what an operation that was undone has fenced in the active region; says what it could not. */
    private List<String> fences(StartFlow effect) {
        return new TableFence(platform, clients, effect.group(), effect.flow().from(), clock)
                .lift(effect.epoch(), "start-flow");
    }

    private Optional<String> cutOver(StartFlow effect, GroupState group) throws InterruptedException {
        RestAnswer<SortedSet<String>> connectors =
                clients.connect(effect.flow().to()).connectors();
        if (connectors.ifOk().isEmpty()) {
            return Optional.of("Connect of " + effect.flow().to() + " is " + connectors);
        }
        boolean unrecorded = group.segments().segments().isEmpty();
        if (!unrecorded && group.segments().open(effect.flow()).isEmpty()) {
            Optional<String> obstacle = begin(effect, group);
            if (obstacle.isPresent()) {
                return obstacle;
            }
        }
        Optional<GroupState> now = current(effect);
        if (now.isEmpty()) {
            return Optional.of("epoch " + effect.epoch() + " is over");
        }
        SegmentTopic.publish(
                clients.admin(effect.flow().to()),
                clients.kafka(effect.flow().to()),
                effect.group(),
                now.get().segments());
        KafkaCluster target = platform.region(effect.flow().to()).kafka();
        SortedSet<Integer> refusing =
                new MirrorFence(clients.admin(effect.flow().to()), target.mirrorPrincipal()).lift(target);
        if (!refusing.isEmpty()) {
            return Optional.of("brokers " + refusing + " of region "
                    + effect.flow().to() + " still refuse " + target.mirrorPrincipal());
        }
        Optional<Segment> running = now.get().segments().open(effect.flow());
        return running.filter(segment -> segment.sourceClusterId().isPresent()).isPresent()
                ? new FlowOffsets(clients, effect.group()).set(running.get())
                : Optional.empty();
    }

    private Optional<String> begin(StartFlow effect, GroupState group) throws InterruptedException {
        FlowCutOver.Found found = new FlowCutOver(platform, clients).find(plane.state(), effect.group(), group);
        if (!(found instanceof FlowCutOver.Found.Begin begin)) {
            return Optional.of(((FlowCutOver.Found.NotYet) found).reason());
        }
        ObjectNode detail = JsonNodeFactory.instance.objectNode();
        detail.put("flow", effect.flow().toString());
        detail.put("partitions", begin.segment().partitions().size());
        detail.put("policy", "continue");
        List<String> entries = new EvidenceEntry(
                        clock.instant(),
                        "flow-begun",
                        effect.group(),
                        Optional.of(effect.epoch()),
                        Optional.empty(),
                        Optional.empty(),
                        detail)
                .texts();
        Reply reply =
                propose(new ControlEvent.SegmentBegun(effect.group(), begin.segment(), begin.logBegins(), entries));
        return reply instanceof Reply.Refused refused
                ? Optional.of(refused.denials().stream().map(Denial::message).collect(Collectors.joining("; ")))
                : Optional.empty();
    }

    private Reply propose(ControlEvent event) throws InterruptedException {
        try {
            return proposals.ask(event);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("no answer through consensus: " + e, e);
        }
    }

    private Optional<String> resume(StartFlow effect) throws InterruptedException {
        ConnectRest connect = clients.connect(effect.flow().to());
        RestAnswer<SortedSet<String>> answer = connect.connectors();
        Optional<SortedSet<String>> connectors = answer.ifOk();
        if (connectors.isEmpty()) {
            return Optional.of("Connect of " + effect.flow().to() + " is " + answer);
        }
        if (current(effect).isEmpty()) {
            return Optional.of("epoch " + effect.epoch() + " is over");
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
}
