package io.breakwater.local.mirror;

import io.breakwater.controller.app.ControlPlane;
import io.breakwater.controller.consensus.RaftVitals;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlMachine;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Settings;
import io.breakwater.controller.core.Transition;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The real core without consensus: what is proposed is applied at once. */
final class CorePlane implements ControlPlane {

    private final List<String> evidence = new ArrayList<>();
    private ControlState state = ControlState.EMPTY;

    CorePlane(Platform platform) {
        apply(new ControlEvent.PlatformAdopted(Settings.of(platform)));
    }

    private Reply apply(ControlEvent event) {
        Transition transition = ControlMachine.step(state, event, Instant.now());
        state = transition.state();
        evidence.addAll(transition.evidence());
        return transition.reply();
    }

    GroupState group() {
        return state.group(MirrorPair.GROUP).orElseThrow();
    }

    List<String> evidence() {
        return evidence;
    }

    @Override
    public ControlState state() {
        return state;
    }

    @Override
    public CompletionStage<Reply> propose(ControlEvent event) {
        return CompletableFuture.completedFuture(apply(event));
    }

    @Override
    public String node() {
        return "it";
    }

    @Override
    public Optional<String> leader() {
        return Optional.of(node());
    }

    @Override
    public RaftVitals vitals() {
        throw new UnsupportedOperationException("there is no consensus here");
    }

    @Override
    public List<Receipt> receipts(String region) {
        return List.of();
    }

    @Override
    public AutoCloseable onChange(ChangeListener listener) {
        return () -> {};
    }
}
