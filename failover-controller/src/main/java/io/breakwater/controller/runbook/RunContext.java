package io.breakwater.controller.runbook;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.StepRun;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** {@link StepContext} of one run of one step. */
record RunContext(RunbookRunner.Means means, Proposer proposer, Operation begun, Runbook.Entry entry, Instant deadline)
        implements StepContext {

    @Override
    public Platform platform() {
        return means.platform();
    }

    @Override
    public String group() {
        return begun.group();
    }

    @Override
    public Operation operation() {
        return state().operation(begun.id()).orElse(begun);
    }

    @Override
    public String step() {
        return entry.id();
    }

    @Override
    public Map<String, String> settings() {
        return entry.with();
    }

    @Override
    public Epoch epoch() {
        return begun.epoch();
    }

    @Override
    public Flow flow() {
        return begun.flow();
    }

    @Override
    public <T> Optional<T> findDetail(String step, Class<T> type) {
        ControlState state = state();
        Stream<Operation> others = state.operations().stream()
                .filter(o -> o.group().equals(group()) && o.epoch().equals(epoch()) && !o.id().equals(begun.id()));
        return Stream.concat(state.operation(begun.id()).stream(), others)
                .flatMap(operation -> operation.step(step).stream())
                .filter(run -> run.state() == StepRun.State.done)
                .findFirst()
                .map(run -> read(run, type));
    }

    private static <T> T read(StepRun run, Class<T> type) {
        try {
            return Json.MAPPER.treeToValue(run.detail(), type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "the detail of step " + run.step() + " is no " + type.getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public List<Receipt> receipts() {
        return means.receipts().apply(flow().to());
    }

    @Override
    public ControlState state() {
        return means.consensus().state();
    }

    @Override
    public Instant now() {
        return means.pace().now();
    }

    @Override
    public void pause(Duration time) throws InterruptedException {
        means.pace().pause(time);
    }

    @Override
    public Reply propose(ControlEvent event) throws InterruptedException {
        return proposer.propose(event);
    }
}
