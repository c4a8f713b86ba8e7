package io.breakwater.controller.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.EvidenceEntry;
import io.breakwater.controller.core.FenceState;
import io.breakwater.controller.core.Gate;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.fence.AclCluster;
import io.breakwater.controller.fence.AclCluster.Closing;
import io.breakwater.controller.fence.AclClusters;
import io.breakwater.controller.fence.AclFence;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Platform;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the standby closed where ACLs close it: from the beginning, when it comes back after a failover, and when a new
 * principal was allowed to write there. Takes them away from the active region, when an operation that was undone left
 * them.
 *
 * <p>Each act is asked for through consensus first. ACLs carry no epoch: a node that stands still between the answer and
 * the act can do it too late. Then the next look, a second later, puts it right.
 */
public final class AclFenceDuty {

    private static final Logger LOG = LoggerFactory.getLogger(AclFenceDuty.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String BEING_CLOSED = "it is being closed";

    private final Platform platform;
    private final AclClusters clusters;
    private final Supplier<ControlState> state;
    private final Ask consensus;
    private final InstantSource clock;

    /** Asks consensus once. */
    @FunctionalInterface
    public interface Ask {

        /** Blocks until there is an answer, or no longer is one to be expected. */
        Reply ask(ControlEvent event) throws InterruptedException, ExecutionException, TimeoutException;
    }

    public AclFenceDuty(
            Platform platform, AclClusters clusters, Supplier<ControlState> state, Ask consensus, InstantSource clock) {
        this.platform = platform;
        this.clusters = clusters;
        this.state = state;
        this.consensus = consensus;
        this.clock = clock;
    }

    /** Whether a region of the group is closed by ACLs. */
    boolean isOwed(String name, GroupState group) {
        return platform.groups().containsKey(name)
                && (cluster(name, group.active()).isPresent()
                        || cluster(name, group.standby()).isPresent());
    }

    private Optional<AclCluster> cluster(String name, String region) {
        return clusters.of(platform, name, region);
    }

    /** Looks once. Blocks while a cluster does not answer. */
    public void look(String name) throws InterruptedException {
        Optional<GroupState> group = state.get().group(name).filter(g -> isOwed(name, g));
        if (group.isPresent()) {
            Optional<AclCluster> standby = cluster(name, group.get().standby());
            if (standby.isPresent()) {
                keepClosed(name, group.get(), group.get().standby(), standby.get());
            }
            Optional<AclCluster> active = cluster(name, group.get().active());
            if (active.isPresent() && group.get().gates().ingress()) {
                keepOpen(name, group.get(), group.get().active(), active.get());
            }
        }
    }

    private void keepClosed(String name, GroupState group, String region, AclCluster cluster)
            throws InterruptedException {
        Epoch epoch = group.epoch();
        Optional<FenceState> known = group.fence(region);
        try {
            if (known.filter(FenceState::confirmed).isPresent() && cluster.stands()) {
                return;
            }
            FenceState asked = known.filter(fence -> !fence.confirmed()).orElse(FenceState.notConfirmed(BEING_CLOSED));
            if (!report(name, epoch, region, asked, List.of())) {
                return;
            }
            Closing closing = cluster.close(clock.instant().plus(LIMIT));
            if (closing instanceof Closing.Closed closed) {
                LOG.info("group={} epoch={} region={} closed: {}", name, epoch, region, closed);
                List<String> entries = entry("region-fenced", name, epoch, AclFence.said(region, closed));
                report(name, epoch, region, FenceState.confirmed(closed.brokers()), entries);
            } else {
                report(name, epoch, region, FenceState.notConfirmed(((Closing.NotClosed) closing).reason()), List.of());
            }
        } catch (KafkaException e) {
            report(name, epoch, region, FenceState.notConfirmed(AclFence.trouble(region, e)), List.of());
        }
    }

    private void keepOpen(String name, GroupState group, String region, AclCluster cluster)
            throws InterruptedException {
        try {
            if (group.operation().isPresent() || !cluster.hasRemains()) {
                return;
            }
            ObjectNode said =
                    JsonNodeFactory.instance.objectNode().put("region", region).put("by", "acls");
            List<String> entries = entry("region-opened", name, group.epoch(), said);
            if (propose(new ControlEvent.FenceLifted(name, group.epoch(), region, entries))) {
                SortedSet<Integer> refusing =
                        cluster.open(Gate.ingress, clock.instant().plus(LIMIT));
                LOG.info("group={} epoch={} region={} opened; refusing={}", name, group.epoch(), region, refusing);
            }
        } catch (KafkaException e) {
            LOG.warn("group={} region={} is not opened yet: {}", name, region, AclFence.trouble(region, e));
        }
    }

    private List<String> entry(String kind, String name, Epoch epoch, ObjectNode detail) {
        return new EvidenceEntry(
                        clock.instant(), kind, name, Optional.of(epoch), Optional.empty(), Optional.empty(), detail)
                .texts();
    }

    private boolean report(String name, Epoch epoch, String region, FenceState fence, List<String> entries)
            throws InterruptedException {
        return propose(new ControlEvent.FenceReported(name, epoch, region, fence, entries));
    }

    /** @return whether it was accepted; without an answer it may be later, and the next look finds out */
    private boolean propose(ControlEvent event) throws InterruptedException {
        try {
            return !consensus.ask(event).isRefused();
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("event={} was not answered: {}", event.getClass().getSimpleName(), e.toString());
            return false;
        }
    }
}
