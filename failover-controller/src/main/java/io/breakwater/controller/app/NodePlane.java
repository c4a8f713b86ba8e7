package io.breakwater.controller.app;

import io.breakwater.controller.consensus.AppliedListener;
import io.breakwater.controller.consensus.Member;
import io.breakwater.controller.consensus.MemberChange;
import io.breakwater.controller.consensus.RaftKeeper;
import io.breakwater.controller.consensus.RaftNode;
import io.breakwater.controller.consensus.RaftVitals;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Transition;
import io.breakwater.controller.runbook.Consensus;
import io.breakwater.platform.Receipt;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** {@link ControlPlane} of a node. It is there before the node has joined its Raft group; then it knows nothing yet. */
final class NodePlane implements ControlPlane, Consensus, AppliedListener {

    private static final String NOT_JOINED = "this node has not joined its Raft group yet";

    private final String node;
    private final Map<String, ReceiptsFeed> feeds;
    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable RaftKeeper raft;

    NodePlane(String node, Map<String, ReceiptsFeed> feeds) {
        this.node = node;
        this.feeds = Map.copyOf(feeds);
    }

    void joined(RaftKeeper joined) {
        raft = joined;
    }

    /** Empty while this node takes no part in consensus. */
    Optional<RaftNode> raft() {
        RaftKeeper joined = raft;
        return joined == null ? Optional.empty() : joined.node();
    }

    @Override
    public RaftVitals vitals() {
        RaftKeeper joined = raft;
        if (joined == null) {
            throw new IllegalStateException(NOT_JOINED);
        }
        return joined.vitals();
    }

    @Override
    public ControlState state() {
        RaftKeeper joined = raft;
        return joined == null ? ControlState.EMPTY : joined.state();
    }

    @Override
    public CompletionStage<Reply> propose(ControlEvent event) {
        return raft().map(joined -> joined.propose(event)).orElseGet(NodePlane::noRaft);
    }

    @Override
    public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
        return raft().map(joined -> joined.propose(commandId, event)).orElseGet(NodePlane::noRaft);
    }

    @Override
    public CompletionStage<Boolean> handLeadTo(String to) {
        return raft().map(joined -> joined.handLeadTo(to)).orElseGet(NodePlane::noRaft);
    }

    @Override
    public CompletionStage<MemberChange> changeMembers(Optional<Member> joins, Optional<String> leaves) {
        return raft().map(joined -> joined.changeMembers(joins, leaves)).orElseGet(NodePlane::noRaft);
    }

    private static <T> CompletionStage<T> noRaft() {
        return CompletableFuture.failedFuture(new IllegalStateException("this node takes no part in consensus now"));
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public Optional<String> leader() {
        return raft().flatMap(RaftNode::leader);
    }

    @Override
    public List<Receipt> receipts(String region) {
        ReceiptsFeed feed = feeds.get(region);
        return feed == null ? List.of() : feed.receipts();
    }

    @Override
    public AutoCloseable onChange(ChangeListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public void applied(ControlState before, ControlEvent event, Transition transition) {
        listeners.forEach(listener -> listener.changed(before, event, transition.state()));
    }
}
