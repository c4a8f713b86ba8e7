package io.breakwater.verification.flink;

import io.breakwater.region.ObjectUri;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.filemerging.EmptySegmentFileStateHandle;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/** What a snapshot's metadata demands of the store and of itself. Fills itself while it is made; then immutable. */
final class SnapshotReferences {

    private final ObjectUri directory;
    private final SortedMap<String, Extent> extents = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private final Deque<StateObject> open = new ArrayDeque<>();
    private long inlineBytes;

    /** @param exact whether the object must have just that many bytes; else at least that many */
    record Extent(long bytes, boolean exact) {
        Extent and(Extent other) {
            return new Extent(Math.max(bytes, other.bytes), exact || other.exact);
        }

        boolean allows(long size) {
            return exact ? size == bytes : size >= bytes;
        }
    }

    /** @param directory against which relative references count */
    SnapshotReferences(ObjectUri directory, CheckpointMetadata metadata) {
        this.directory = directory;
        metadata.getOperatorStates().forEach(this::look);
    }

    /** By address: the objects that must be there. */
    SortedMap<String, Extent> extents() {
        return extents;
    }

    /** What contradicts itself in the metadata. */
    List<String> faults() {
        return faults;
    }

    /** State that lies in the metadata itself. */
    long inlineBytes() {
        return inlineBytes;
    }

    private void look(OperatorState operator) {
        String name = operator.getOperatorUid().orElse(operator.getOperatorID().toHexString());
        BitSet keyGroups = new BitSet(operator.getMaxParallelism());
        boolean keyed = false;
        for (Map.Entry<Integer, OperatorSubtaskState> subtask :
                operator.getSubtaskStates().entrySet()) {
            if (subtask.getKey() >= operator.getParallelism()) {
                faults.add("operator " + name + ": subtask " + subtask.getKey() + " of " + operator.getParallelism());
            }
            for (KeyedStateHandle handle : subtask.getValue().getManagedKeyedState()) {
                keyed = true;
                keyGroups.set(
                        handle.getKeyGroupRange().getStartKeyGroup(),
                        handle.getKeyGroupRange().getEndKeyGroup() + 1);
            }
            subtask.getValue().getDiscardables().forEach(open::push);
        }
        if (keyed && keyGroups.cardinality() != operator.getMaxParallelism()) {
            faults.add("operator " + name + ": state of " + keyGroups.cardinality() + " of "
                    + operator.getMaxParallelism() + " key groups");
        }
        while (!open.isEmpty()) {
            take(name, open.pop());
        }
    }

    private void take(String operator, StateObject state) {
        if (state instanceof EmptySegmentFileStateHandle) {
            return;
        }
        if (state instanceof ByteStreamStateHandle inline) {
            inlineBytes += inline.getStateSize();
        } else if (state instanceof RelativeFileStateHandle file) {
            need(directory.resolve(file.getRelativePath()).toString(), new Extent(file.getStateSize(), true));
        } else if (state instanceof FileStateHandle file) {
            need(file.getFilePath().toString(), new Extent(file.getStateSize(), true));
        } else if (state instanceof SegmentFileStateHandle segment) {
            need(segment.getFilePath().toString(), new Extent(segment.getStartPos() + segment.getStateSize(), false));
        } else if (state instanceof OperatorStateHandle lists) {
            checkOffsets(operator, lists);
            open.push(lists.getDelegateStateHandle());
        } else if (state instanceof KeyGroupsStateHandle groups) {
            open.push(groups.getDelegateStateHandle());
        } else if (state instanceof IncrementalRemoteKeyedStateHandle incremental) {
            open.push(incremental.getMetaDataStateHandle());
            incremental.getSharedState().stream()
                    .map(HandleAndLocalPath::getHandle)
                    .forEach(open::push);
            incremental.getPrivateState().stream()
                    .map(HandleAndLocalPath::getHandle)
                    .forEach(open::push);
        } else {
            faults.add("operator " + operator + ": state of class "
                    + state.getClass().getName() + " can't be followed to its files");
        }
    }

    private void checkOffsets(String operator, OperatorStateHandle lists) {
        long size = lists.getDelegateStateHandle().getStateSize();
        lists.getStateNameToPartitionOffsets().forEach((name, info) -> {
            for (long offset : info.getOffsets()) {
                if (offset < 0 || offset >= size) {
                    faults.add("operator " + operator + ": an element of list state " + name + " at byte " + offset
                            + " of " + size);
                }
            }
        });
    }

    private void need(String address, Extent extent) {
        extents.merge(address, extent, Extent::and);
    }
}
