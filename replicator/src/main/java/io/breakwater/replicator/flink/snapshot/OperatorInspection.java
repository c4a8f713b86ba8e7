package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/** Reads of one operator what can be read, and keeps the reason where something cannot. */
final class OperatorInspection {

    private final OperatorState operator;
    private final OperatorContent content;
    private final Supplier<FilePlacement> placement;
    private final StateReader reader;
    private Optional<String> refusal = Optional.empty();

    /** @param placement a new one each time */
    OperatorInspection(OperatorState operator, Supplier<FilePlacement> placement, StateReader reader) {
        this.operator = operator;
        this.content = OperatorContent.of(operator);
        this.placement = placement;
        this.reader = reader;
    }

    OperatorSummary summary() {
        FilePlacement placed = placed();
        Optional<OffsetVector> positions = content.isSource() ? positions() : Optional.empty();
        ByteStreamStateHandle coordinator = operator.getCoordinatorState();
        OptionalInt coordinatorBytes =
                coordinator == null ? OptionalInt.empty() : OptionalInt.of(coordinator.getData().length);
        OptionalInt enumerator = coordinator != null && positions.isPresent()
                ? OptionalInt.of(EnumeratorState.parse(coordinator.getData()).version())
                : OptionalInt.empty();
        if (refusal.isEmpty()) {
            attempt(() -> new PositionRewrite(OffsetVector.EMPTY, Map.of(), SinkPolicy.KEEP).check(content));
        }
        return new OperatorSummary(
                operator.getOperatorID().toHexString(),
                operator.getOperatorUid(),
                operator.getOperatorName(),
                operator.getParallelism(),
                operator.getMaxParallelism(),
                content.listStates(),
                content.handles(),
                placed.files(),
                placed.inlineBytes(),
                coordinatorBytes,
                positions,
                enumerator,
                refusal);
    }

    private FilePlacement placed() {
        FilePlacement own = placement.get();
        attempt(() -> new OperatorTransform(own, reader).apply(operator, StateChange.NONE));
        return own;
    }

    private Optional<OffsetVector> positions() {
        PositionCollector collector = new PositionCollector();
        boolean read = attempt(() -> new OperatorTransform(placement.get(), reader).apply(operator, collector));
        return read ? Optional.of(collector.positions()) : Optional.empty();
    }

    private boolean attempt(Runnable reading) {
        try {
            reading.run();
            return true;
        } catch (UnsupportedSnapshotException e) {
            refusal = refusal.or(() -> Optional.of(e.reason()));
            return false;
        }
    }
}
