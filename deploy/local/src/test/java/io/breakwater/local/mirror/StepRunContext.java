package io.breakwater.local.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlMachine;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Settings;
import io.breakwater.controller.core.Transition;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Runs steps one after the other and keeps their details; consensus is the real core in memory. */
final class StepRunContext implements StepContext {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static final String OPERATION = "it";

    private final Platform platform;
    private final Map<String, JsonNode> details = new HashMap<>();
    private List<Receipt> receipts = List.of();
    private ControlState state = ControlState.EMPTY;
    private Instant deadline = Instant.now();
    private String running = "";

    /** A failover of the group's home that a person has asked for. */
    StepRunContext(Platform platform, Flow flow) {
        this.platform = platform;
        Instant now = Instant.now();
        String node = platform.nodes().get(0).id();
        RegionVerdict down = RegionVerdict.of(Verdict.DOWN, List.of("kafka", "flink"), List.of());
        RegionVerdict up = RegionVerdict.of(Verdict.UP, List.of(), List.of("kafka"));
        RecoveryPoint point = new RecoveryPoint(MirrorPair.GROUP, flow, now, OffsetVector.EMPTY, new TreeMap<>());
        propose(new ControlEvent.PlatformAdopted(Settings.of(platform)));
        propose(ControlEvent.VerdictVoted.of(node, Map.of(flow.from(), down, flow.to(), up)));
        propose(new ControlEvent.ReadinessReported(
                MirrorPair.GROUP,
                Epoch.FIRST,
                new Readiness(now, Optional.of(point), Optional.empty(), Optional.empty(), List.of())));
        Reply reply = propose(new ControlEvent.OperationRequested(
                OPERATION, Operation.FAILOVER, MirrorPair.GROUP, "ada", "a test", true, List.of()));
        if (reply.isRefused()) {
            throw new AssertionError("the failover is " + reply);
        }
    }

    void receipts(List<Receipt> newest) {
        receipts = List.copyOf(newest);
    }

    /** @throws AssertionError if the step fails */
    JsonNode run(RunbookStep step) throws InterruptedException {
        StepOutcome outcome = outcome(step);
        if (outcome instanceof StepOutcome.Failed failed) {
            throw new AssertionError(step.id() + ": " + failed.reason());
        }
        JsonNode detail = ((StepOutcome.Done) outcome).detail();
        details.put(step.id(), detail);
        return detail;
    }

    /** As {@link #run}, whatever becomes of it; its detail is not kept. */
    StepOutcome outcome(RunbookStep step) throws InterruptedException {
        deadline = Instant.now().plus(LIMIT);
        running = step.id();
        return step.run(this);
    }

    @Override
    public Platform platform() {
        return platform;
    }

    @Override
    public String group() {
        return MirrorPair.GROUP;
    }

    @Override
    public Operation operation() {
        return state.operation(OPERATION).orElseThrow();
    }

    @Override
    public String step() {
        return running;
    }

    @Override
    public Epoch epoch() {
        return operation().epoch();
    }

    @Override
    public Flow flow() {
        return operation().flow();
    }

    @Override
    public <T> Optional<T> findDetail(String step, Class<T> type) {
        return Optional.ofNullable(details.get(step)).map(json -> Json.MAPPER.convertValue(json, type));
    }

    @Override
    public List<Receipt> receipts() {
        return receipts;
    }

    @Override
    public ControlState state() {
        return state;
    }

    @Override
    public Reply propose(ControlEvent event) {
        Transition transition = ControlMachine.step(state, event, Instant.now());
        state = transition.state();
        return transition.reply();
    }

    @Override
    public Instant deadline() {
        return deadline;
    }
}
