package io.breakwater.replicator.flink.snapshot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filemerging.EmptySegmentFileStateHandle;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/** Rebuilds the state of operators with their files placed elsewhere and their content changed. */
final class OperatorTransform {

    private final FilePlacement placement;
    private final KeyedHandles keyed;
    private final StateReader reader;

    OperatorTransform(FilePlacement placement, StateReader reader) {
        this.placement = placement;
        this.keyed = new KeyedHandles(placement);
        this.reader = reader;
    }

    /** For people: uid or name if the snapshot has one (format version 5 on), and the id in any case. */
    static String label(OperatorState operator) {
        String id = operator.getOperatorID().toHexString();
        return operator.getOperatorUid()
                .or(operator::getOperatorName)
                .map(name -> name + " (" + id + ")")
                .orElse(id);
    }

    /** @throws UnsupportedSnapshotException naming the operator */
    OperatorState apply(OperatorState operator, StateChange change) {
        try {
            if (operator.isFullyFinished()) {
                return operator;
            }
            OperatorContent content = OperatorContent.of(operator);
            if (content.inFlight()) {
                throw new UnsupportedSnapshotException("it holds records in flight between operators (an unaligned"
                        + " checkpoint), with positions that cannot be rewritten: take a savepoint, or aligned"
                        + " checkpoints");
            }
            change.check(content);
            return transformed(operator, content, change);
        } catch (UnsupportedSnapshotException e) {
            throw e.in(label(operator));
        }
    }

    private OperatorState transformed(OperatorState operator, OperatorContent content, StateChange change) {
        OperatorState result = new OperatorState(
                operator.getOperatorName().orElse(null),
                operator.getOperatorUid().orElse(null),
                operator.getOperatorID(),
                operator.getParallelism(),
                operator.getMaxParallelism());
        ByteStreamStateHandle coordinator = operator.getCoordinatorState();
        if (coordinator != null) {
            result.setCoordinatorState(content.isSource() ? changed(coordinator, change) : coordinator);
        }
        for (Map.Entry<Integer, OperatorSubtaskState> subtask :
                operator.getSubtaskStates().entrySet()) {
            String place = operator.getOperatorID().toHexString() + "-" + subtask.getKey();
            result.putState(
                    subtask.getKey(),
                    subtask.getValue().isFinished()
                            ? subtask.getValue()
                            : transformed(subtask.getValue(), change, place));
        }
        return result;
    }

    private static ByteStreamStateHandle changed(ByteStreamStateHandle coordinator, StateChange change) {
        byte[] bytes = change.coordinator(coordinator.getData());
        return Arrays.equals(bytes, coordinator.getData())
                ? coordinator
                : new ByteStreamStateHandle(coordinator.getHandleName() + "-rewritten", bytes);
    }

    private OperatorSubtaskState transformed(OperatorSubtaskState subtask, StateChange change, String place) {
        List<OperatorStateHandle> managed = new ArrayList<>();
        for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
            if (handle.getDelegateStateHandle() instanceof EmptySegmentFileStateHandle) {
                // No state; and with its own class, which goes with the directories of the source, Flink would skip it.
                continue;
            }
            managed.add(transformed(handle, change, "breakwater-" + place + "-" + managed.size()));
        }
        List<OperatorStateHandle> raw = new ArrayList<>();
        subtask.getRawOperatorState().forEach(handle -> raw.add(placed(handle)));
        List<KeyedStateHandle> managedKeyed = new ArrayList<>();
        subtask.getManagedKeyedState().forEach(handle -> managedKeyed.add(keyed.place(handle)));
        List<KeyedStateHandle> rawKeyed = new ArrayList<>();
        subtask.getRawKeyedState().forEach(handle -> rawKeyed.add(keyed.place(handle)));
        return OperatorSubtaskState.builder()
                .setManagedOperatorState(new StateObjectCollection<>(managed))
                .setRawOperatorState(new StateObjectCollection<>(raw))
                .setManagedKeyedState(new StateObjectCollection<>(managedKeyed))
                .setRawKeyedState(new StateObjectCollection<>(rawKeyed))
                .setInputRescalingDescriptor(subtask.getInputRescalingDescriptor())
                .setOutputRescalingDescriptor(subtask.getOutputRescalingDescriptor())
                .build();
    }

    private OperatorStateHandle transformed(OperatorStateHandle handle, StateChange change, String name) {
        boolean touched = handle.getStateNameToPartitionOffsets().entrySet().stream()
                .anyMatch(state ->
                        change.touches(state.getKey()) && state.getValue().getOffsets().length > 0);
        if (!touched) {
            return placed(handle);
        }
        byte[] bytes = bytes(handle.getDelegateStateHandle());
        return new ListStateElements(handle, bytes).changed(change, name).orElseGet(() -> placed(handle));
    }

    private OperatorStateHandle placed(OperatorStateHandle handle) {
        return new OperatorStreamStateHandle(
                handle.getStateNameToPartitionOffsets(), placement.place(handle.getDelegateStateHandle()));
    }

    private byte[] bytes(StreamStateHandle handle) {
        Optional<byte[]> inMemory = handle.asBytesIfInMemory();
        if (inMemory.isPresent()) {
            return inMemory.get();
        }
        int size = Math.toIntExact(handle.getStateSize());
        Optional<byte[]> read;
        if (handle instanceof SegmentFileStateHandle segment) {
            read = reader.read(placement.source(segment), segment.getStartPos(), size);
        } else if (handle instanceof FileStateHandle file) {
            read = reader.read(placement.source(file), 0, size);
        } else {
            throw new UnsupportedSnapshotException(
                    "state handle of unknown class " + handle.getClass().getName());
        }
        return read.filter(bytes -> bytes.length == size)
                .orElseThrow(() -> new UnsupportedSnapshotException("its state file " + handle
                        + (read.isEmpty() ? " is missing" : " is shorter than the metadata says")));
    }
}
