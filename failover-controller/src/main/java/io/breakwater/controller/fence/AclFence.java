package io.breakwater.controller.fence;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.Approval;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Denial;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.FenceState;
import io.breakwater.controller.core.Gate;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.fence.AclCluster.Closing;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SecurityDisabledException;

/**
 * ACLs close the region: for clusters that take no plugin. A fence that is not confirmed is none; then the step fails, and
 * a person who knows by other means that nothing is accepted there may answer for that by approving the step.
 */
public final class AclFence implements RegionFence {

    private static final Duration ATTEMPT = Duration.ofSeconds(30);

    private final AclCluster cluster;

    public AclFence(AclCluster cluster) {
        this.cluster = cluster;
    }

    @Override
    public String preview(Preview preview, String region) {
        return "makes ACLs that deny writes on Kafka of " + region
                + ", and waits until each of its brokers refuses the probe; if it is not reached, a person has to approve"
                + " step " + preview.entry().id();
    }

    @Override
    public StepOutcome close(StepContext context) throws InterruptedException {
        Optional<GroupState> group = context.state().group(context.group());
        if (LeaseFence.isPromoted(context)
                || group.filter(g ->
                                g.epoch().equals(context.epoch()) && g.lease().lapsed())
                        .isPresent()) {
            return new StepOutcome.Done(detail().put("closed", "before"));
        }
        List<Approval> approvals = context.operation().approvals(context.step());
        if (!approvals.isEmpty()) {
            return waive(context, approvals.get(0));
        }
        Closing closing = tryToClose(context);
        if (closing instanceof Closing.Closed closed) {
            Reply reply = context.propose(confirmed(context, closed));
            return reply instanceof Reply.Refused refused
                    ? new StepOutcome.Failed(text(refused))
                    : new StepOutcome.Done(said(closed));
        }
        // The step is tried again, so that a person finds it in the status before it has ended.
        String reason = ((Closing.NotClosed) closing).reason() + "; or, if you know that nothing can be written there:"
                + " breakwater approve " + context.operation().id() + " --step " + context.step();
        context.propose(new ControlEvent.FenceReported(
                context.group(), context.epoch(), cluster.region(), FenceState.notConfirmed(reason), List.of()));
        return new StepOutcome.Failed(reason);
    }

    private Closing tryToClose(StepContext context) throws InterruptedException {
        Instant until = context.now().plus(ATTEMPT);
        try {
            return cluster.close(until.isBefore(context.deadline()) ? until : context.deadline());
        } catch (KafkaException e) {
            return new Closing.NotClosed(trouble(cluster.region(), e));
        }
    }

    /** What went wrong with a cluster, and what to do. */
    public static String trouble(String region, KafkaException e) {
        if (e instanceof SecurityDisabledException) {
            return "Kafka of " + region
                    + " has no authorizer, so that ACLs do not close it: set authorizer.class.name on" + " its brokers";
        }
        return e instanceof AuthorizationException
                ? "Kafka of " + region + " refuses Breakwater (" + e.getMessage() + "): allow its principal ALTER,"
                        + " DESCRIBE and DESCRIBE_CONFIGS on the cluster, and ALL on topic "
                        + KafkaAclCluster.PROBE_TOPIC
                : "Kafka of " + region + " is not closed: " + e;
    }

    private StepOutcome waive(StepContext context, Approval approval) throws InterruptedException {
        ObjectNode said = detail().put("closed", "not confirmed")
                .put("answersForIt", approval.approvedBy())
                .put("reason", approval.reason());
        List<String> entries = EvidenceEntry.of(context.now(), "fence-waived", context.operation(), said)
                .at(context.step())
                .texts();
        Reply reply = context.propose(
                new ControlEvent.FenceWaived(context.operation().id(), context.epoch(), context.step(), entries));
        return reply instanceof Reply.Refused refused
                ? new StepOutcome.Failed(text(refused))
                : new StepOutcome.Done(said);
    }

    private ControlEvent confirmed(StepContext context, Closing.Closed closed) {
        List<String> entries = EvidenceEntry.of(context.now(), "region-fenced", context.operation(), said(closed))
                .texts();
        return new ControlEvent.FenceReported(
                context.group(), context.epoch(), cluster.region(), FenceState.confirmed(closed.brokers()), entries);
    }

    private ObjectNode said(Closing.Closed closed) {
        return said(cluster.region(), closed);
    }

    /** For the evidence log. */
    public static ObjectNode said(String region, Closing.Closed closed) {
        ObjectNode said = detail().put("region", region).put("by", "acls");
        said.set("confirmed", Json.MAPPER.valueToTree(closed));
        return said;
    }

    private static ObjectNode detail() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static String text(Reply.Refused refused) {
        return refused.denials().stream().map(Denial::message).collect(Collectors.joining("; "));
    }

    @Override
    public StepOutcome open(StepContext context, Gate gate) throws InterruptedException {
        try {
            SortedSet<Integer> refusing = cluster.open(gate, context.deadline());
            return refusing.isEmpty()
                    ? new StepOutcome.Done(detail().put("region", cluster.region())
                            .put("by", "acls")
                            .put("opened", gate.name()))
                    : new StepOutcome.Failed("brokers " + refusing + " of region " + cluster.region()
                            + " were not seen to know that " + gate + " is open");
        } catch (KafkaException e) {
            return new StepOutcome.Failed("opening " + gate + ": " + trouble(cluster.region(), e));
        }
    }
}
