package io.breakwater.controller.app;

import io.breakwater.controller.consensus.RaftNode;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the lead outside the active regions, so that the loss of one costs no election. A witness is preferred. Used by
 * the thread of {@link LeaderDuties} only.
 */
final class LeaderPlace {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderPlace.class);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Platform platform;
    private final Node self;
    private final Supplier<Optional<RaftNode>> raft;
    private long triedAt;

    /** @param raft empty while this node takes no part in consensus */
    LeaderPlace(Platform platform, Node self, Supplier<Optional<RaftNode>> raft) {
        this.platform = platform;
        this.self = self;
        this.raft = raft;
    }

    /** Hands the lead over if this node stands in an active region; never while an operation runs. */
    void prefer(ControlState state) {
        Set<String> active =
                state.groups().values().stream().map(GroupState::active).collect(Collectors.toSet());
        boolean busy = state.groups().values().stream()
                .anyMatch(group -> group.operation().isPresent());
        boolean misplaced = self.region().filter(active::contains).isPresent();
        boolean early = triedAt != 0 && System.nanoTime() - triedAt < AGAIN.toNanos();
        Optional<RaftNode> leading = raft.get();
        if (busy || !misplaced || early || leading.isEmpty()) {
            return;
        }
        triedAt = System.nanoTime();
        better(state, active).ifPresent(node -> {
            try {
                boolean done = leading.get().transferLeadership(node);
                LOG.info("node={} hands the lead to {}: {}", self.id(), node, done ? "done" : "refused");
            } catch (IOException e) {
                LOG.info("node={} cannot hand the lead to {}: {}", self.id(), node, e.toString());
            }
        });
    }

    /** A node outside the active regions that has voted lately. */
    private Optional<String> better(ControlState state, Set<String> active) {
        return platform.nodes().stream()
                .filter(node -> node.region().filter(active::contains).isEmpty())
                .filter(node -> state.isHeardFrom(node.id()))
                .min(Comparator.comparing(node -> node.region().isPresent()))
                .map(Node::id);
    }
}
