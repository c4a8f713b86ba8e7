package io.breakwater.local.mirror;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs steps one after the other and keeps their details, without a control plane. */
final class StepRunContext implements StepContext {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Platform platform;
    private final Flow flow;
    private final Map<String, JsonNode> details = new HashMap<>();
    private List<Receipt> receipts = List.of();
    private Instant deadline = Instant.now();

    StepRunContext(Platform platform, Flow flow) {
        this.platform = platform;
        this.flow = flow;
    }

    void receipts(List<Receipt> newest) {
        receipts = List.copyOf(newest);
    }

    /** @throws AssertionError if the step fails */
    JsonNode run(RunbookStep step) throws InterruptedException {
        deadline = Instant.now().plus(LIMIT);
        StepOutcome outcome = step.run(this);
        if (outcome instanceof StepOutcome.Failed failed) {
            throw new AssertionError(step.id() + ": " + failed.reason());
        }
        JsonNode detail = ((StepOutcome.Done) outcome).detail();
        details.put(step.id(), detail);
        return detail;
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
        throw new UnsupportedOperationException("these steps need no operation");
    }

    @Override
    public Epoch epoch() {
        return Epoch.FIRST.next();
    }

    @Override
    public Flow flow() {
        return flow;
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
        throw new UnsupportedOperationException("these steps need no state");
    }

    @Override
    public Reply propose(ControlEvent event) {
        throw new UnsupportedOperationException("these steps propose nothing");
    }

    @Override
    public Instant deadline() {
        return deadline;
    }
}
