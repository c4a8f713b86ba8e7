package io.breakwater.controller.app;

import io.breakwater.controller.consensus.Member;
import io.breakwater.controller.consensus.MemberChange;
import io.breakwater.controller.consensus.RaftVitals;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import io.breakwater.platform.Receipt;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The control state as this node knows it, and the way to change it. Thread-safe; no method blocks. */
public interface ControlPlane {

    /** As applied on this node: it may be behind the leader's. */
    ControlState state();

    /**
     * Proposes an event through consensus, from any node.
     *
     * @return the machine's answer; fails if there was none in time, and then the event may still take effect later
     */
    CompletionStage<Reply> propose(ControlEvent event);

    /** This node's id. */
    String node();

    /** The leader's node id, if this node knows one. */
    Optional<String> leader();

    /**
     * Has Raft hand the lead to another node; the event that allows it comes first.
     *
     * @return false if that node did not take it, and the lead stays; fails if there was no answer in time, and then it
     *     may still be handed over later
     */
    default CompletionStage<Boolean> handLeadTo(String to) {
        return CompletableFuture.failedFuture(new IllegalStateException("there is no lead without consensus: " + to));
    }

    /**
     * Has Raft change who votes; the event that allows it comes first.
     *
     * @return fails if it is not known in time what came of it
     */
    default CompletionStage<MemberChange> changeMembers(Optional<Member> joins, Optional<String> leaves) {
        return CompletableFuture.failedFuture(
                new IllegalStateException("there are no members without consensus: " + joins + leaves));
    }

    /** How this node's own part in consensus is. */
    RaftVitals vitals();

    /** The newest receipts of a region, oldest first, the last 64 of each asset and flow. */
    List<Receipt> receipts(String region);

    /**
     * Calls the listener after each event that this node applied, on the thread that applies: it must not block.
     *
     * @return closes the subscription
     */
    AutoCloseable onChange(ChangeListener listener);

    /** Hears of each applied event. */
    @FunctionalInterface
    interface ChangeListener {
        void changed(ControlState before, ControlEvent event, ControlState after);
    }
}
