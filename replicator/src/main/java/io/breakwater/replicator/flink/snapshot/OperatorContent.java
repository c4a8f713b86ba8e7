package io.breakwater.replicator.flink.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/**
 * What kinds of state one operator has, over all its subtasks, as far as the metadata alone tells.
 *
 * @param listStates by name, with the number of elements
 * @param handles as {@code canonical/relative}: the kind of state, then how its bytes are referred to
 */
record OperatorContent(
        SortedMap<String, Integer> listStates, SortedSet<String> handles, boolean coordinated, boolean inFlight) {

    static OperatorContent of(OperatorState operator) {
        SortedMap<String, Integer> states = new TreeMap<>();
        SortedSet<String> kinds = new TreeSet<>();
        boolean inFlight = false;
        for (OperatorSubtaskState subtask : operator.getStates()) {
            List<OperatorStateHandle> lists = new ArrayList<>(subtask.getManagedOperatorState());
            lists.addAll(subtask.getRawOperatorState());
            for (OperatorStateHandle list : lists) {
                list.getStateNameToPartitionOffsets()
                        .forEach((name, info) -> states.merge(name, info.getOffsets().length, Integer::sum));
                kinds.add("list/" + reference(list.getDelegateStateHandle()));
            }
            subtask.getManagedKeyedState().forEach(keyed -> kinds.addAll(kinds(keyed)));
            subtask.getRawKeyedState().forEach(keyed -> kinds.add("raw " + kind(keyed)));
            inFlight |= !subtask.getInputChannelState().isEmpty()
                    || !subtask.getResultSubpartitionState().isEmpty();
        }
        if (inFlight) {
            kinds.add("in-flight");
        }
        return new OperatorContent(states, kinds, operator.getCoordinatorState() != null, inFlight);
    }

    /** Whether it is a source of the interface that KafkaSource implements too. */
    boolean isSource() {
        return listStates.containsKey(KafkaSplits.READER_STATE);
    }

    private static List<String> kinds(KeyedStateHandle handle) {
        if (!(handle instanceof ChangelogStateBackendHandle changelog)) {
            return List.of(kind(handle));
        }
        List<String> kinds = new ArrayList<>(List.of("changelog"));
        changelog.getMaterializedStateHandles().forEach(base -> kinds.add("materialized " + kind(base)));
        changelog.getNonMaterializedStateHandles().forEach(changes -> kinds.add(kind(changes)));
        return kinds;
    }

    private static String kind(KeyedStateHandle handle) {
        if (handle instanceof KeyGroupsSavepointStateHandle savepoint) {
            return "canonical/" + reference(savepoint.getDelegateStateHandle());
        }
        if (handle instanceof KeyGroupsStateHandle groups) {
            return "key-groups/" + reference(groups.getDelegateStateHandle());
        }
        if (handle instanceof IncrementalRemoteKeyedStateHandle incremental) {
            return "incremental/" + reference(incremental.getMetaDataStateHandle());
        }
        if (handle instanceof ChangelogStateHandleStreamImpl changes) {
            return changes.getHandlesAndOffsets().stream()
                    .map(stream -> "changes/" + reference(stream.f0))
                    .findFirst()
                    .orElse("changes/none");
        }
        return handle.getClass().getSimpleName();
    }

    private static String reference(StreamStateHandle handle) {
        if (handle instanceof ByteStreamStateHandle) {
            return "inline";
        }
        if (handle instanceof RelativeFileStateHandle) {
            return "relative";
        }
        if (handle instanceof FileStateHandle) {
            return "absolute";
        }
        return handle instanceof SegmentFileStateHandle
                ? "segment"
                : handle.getClass().getSimpleName();
    }
}
