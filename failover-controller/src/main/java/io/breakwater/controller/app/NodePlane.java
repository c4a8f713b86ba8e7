package io.breakwater.controller.app;

import io.breakwater.controller.consensus.AppliedListener;
import io.breakwater.controller.consensus.RaftNode;
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
    private volatile @Nullable RaftNode raft;

    NodePlane(String node, Map<String, ReceiptsFeed> feeds) {
        this.node = node;
        this.feeds = Map.copyOf(feeds);
    }

    void joined(RaftNode joined) {
        raft = joined;
    }

    /** @throws IllegalStateException before the node has joined */
    RaftNode raft() {
        RaftNode joined = raft;
        if (joined == null) {
            throw new IllegalStateException(NOT_JOINED);
        }
        return joined;
    }

    @Override
    public ControlState state() {
        RaftNode joined = raft;
        return joined == null ? ControlState.EMPTY : joined.state();
    }

    @Override
    public CompletionStage<Reply> propose(ControlEvent event) {
        RaftNode joined = raft;
        return joined == null ? notJoined() : joined.propose(event);
    }

    @Override
    public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
        RaftNode joined = raft;
        return joined == null ? notJoined() : joined.propose(commandId, event);
    }

    private static CompletionStage<Reply> notJoined() {
        return CompletableFuture.failedFuture(new IllegalStateException(NOT_JOINED));
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public Optional<String> leader() {
        RaftNode joined = raft;
        return joined == null ? Optional.empty() : joined.leader();
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
