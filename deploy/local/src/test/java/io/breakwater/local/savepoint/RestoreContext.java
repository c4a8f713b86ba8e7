package io.breakwater.local.savepoint;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.steps.Segments;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a step sees in the middle of a failover to a recovery point. */
record RestoreContext(
        Platform platform,
        Flow flow,
        Epoch epoch,
        List<Receipt> receipts,
        RecoveryPoint point,
        Optional<Segments> segments)
        implements StepContext {

    RestoreContext {
        receipts = List.copyOf(receipts);
    }

    /** Where the flow ended is not recorded. */
    RestoreContext(Platform platform, Flow flow, Epoch epoch, List<Receipt> receipts, RecoveryPoint point) {
        this(platform, flow, epoch, receipts, point, Optional.empty());
    }

    @Override
    public String group() {
        return point.group();
    }

    @Override
    public Operation operation() {
        return new Operation(
                "it",
                Operation.FAILOVER,
                group(),
                epoch,
                flow,
                Operation.State.running,
                Instant.EPOCH,
                Optional.empty(),
                Operation.AUTOMATIC,
                "",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Override
    public <T> Optional<T> findDetail(String step, Class<T> type) {
        Optional<Object> detail = step.equals("select-recovery-point")
                ? Optional.of(point)
                : segments.filter(known -> step.equals("record-segments")).map(known -> known);
        return detail.map(known -> Json.MAPPER.convertValue(Json.MAPPER.valueToTree(known), type));
    }

    @Override
    public ControlState state() {
        return ControlState.EMPTY;
    }

    @Override
    public Reply propose(ControlEvent event) {
        throw new IllegalStateException("the step proposes nothing, and proposed " + event);
    }

    @Override
    public Instant deadline() {
        return Instant.now().plus(Duration.ofMinutes(3));
    }
}
