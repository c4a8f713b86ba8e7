package io.breakwater.controller.api;

import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.consensus.Member;
import io.breakwater.controller.consensus.MemberChange;
import io.breakwater.controller.consensus.RaftHealth;
import io.breakwater.controller.consensus.RaftVitals;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlMachine;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Transition;
import io.breakwater.platform.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** The real machine without consensus: what is proposed is applied at once, unless the quorum is said to be lost. */
final class InProcessControlPlane implements ControlPlane {

    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
    private final List<String> evidence = new ArrayList<>();
    private final List<Receipt> receipts = new CopyOnWriteArrayList<>();
    private volatile ControlState state = ControlState.EMPTY;
    private volatile boolean quorum = true;
    private volatile RaftHealth health = new RaftHealth.Serving();
    private volatile CompletionStage<Boolean> transfers = CompletableFuture.completedFuture(true);

    private volatile MemberChange change = MemberChange.DONE;
    private volatile Optional<Member> joined = Optional.empty();

    void loseQuorum() {
        quorum = false;
    }

    void say(RaftHealth own) {
        health = own;
    }

    void announce(Receipt receipt) {
        receipts.add(receipt);
    }

    /** How other nodes answer when the lead is to go to them. */
    public void answerTransfers(CompletionStage<Boolean> answer) {
        transfers = answer;
    }

    /** What Raft makes of a change of members. */
    void answerChanges(MemberChange answer) {
        change = answer;
    }

    synchronized List<String> evidence() {
        return List.copyOf(evidence);
    }

    synchronized Reply apply(ControlEvent event) {
        ControlState before = state;
        Transition transition = ControlMachine.step(before, event, Instant.now());
        state = transition.state();
        evidence.addAll(transition.evidence());
        listeners.forEach(listener -> listener.changed(before, event, state));
        return transition.reply();
    }

    @Override
    public ControlState state() {
        return state;
    }

    @Override
    public CompletionStage<Reply> propose(ControlEvent event) {
        return quorum
                ? CompletableFuture.completedFuture(apply(event))
                : CompletableFuture.failedFuture(new IllegalStateException("internal text: 10.0.0.1 unreachable"));
    }

    @Override
    public String node() {
        return "west";
    }

    @Override
    public Optional<String> leader() {
        return quorum ? Optional.of("witness") : Optional.empty();
    }

    @Override
    public CompletionStage<Boolean> handLeadTo(String to) {
        return transfers;
    }

    Optional<Member> joined() {
        return joined;
    }

    @Override
    public CompletionStage<MemberChange> changeMembers(Optional<Member> joins, Optional<String> leaves) {
        joined = joins;
        return CompletableFuture.completedFuture(change);
    }

    @Override
    public RaftVitals vitals() {
        return new RaftVitals(health, OptionalLong.of(1L << 30), 1, Duration.ofMillis(12_500));
    }

    @Override
    public List<Receipt> receipts(String region) {
        return List.copyOf(receipts);
    }

    @Override
    public AutoCloseable onChange(ChangeListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
