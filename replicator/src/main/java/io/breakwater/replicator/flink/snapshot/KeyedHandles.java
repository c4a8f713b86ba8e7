package io.breakwater.replicator.flink.snapshot;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle;

/** Rebuilds the handles of keyed state with their files placed elsewhere; the content stays as it is. */
final class KeyedHandles {

    private final FilePlacement placement;

    KeyedHandles(FilePlacement placement) {
        this.placement = placement;
    }

    KeyedStateHandle place(KeyedStateHandle handle) {
        if (handle instanceof KeyGroupsSavepointStateHandle savepoint) {
            return new KeyGroupsSavepointStateHandle(
                    savepoint.getGroupRangeOffsets(), placement.place(savepoint.getDelegateStateHandle()));
        }
        if (handle instanceof KeyGroupsStateHandle groups) {
            return KeyGroupsStateHandle.restore(
                    groups.getGroupRangeOffsets(),
                    placement.place(groups.getDelegateStateHandle()),
                    groups.getStateHandleId());
        }
        if (handle instanceof IncrementalRemoteKeyedStateHandle incremental) {
            return IncrementalRemoteKeyedStateHandle.restore(
                    incremental.getBackendIdentifier(),
                    incremental.getKeyGroupRange(),
                    incremental.getCheckpointId(),
                    placeAll(incremental.getSharedState(), placement::placeShared),
                    placeAll(incremental.getPrivateState(), placement::place),
                    placement.place(incremental.getMetaDataStateHandle()),
                    incremental.getCheckpointedSize(),
                    incremental.getStateHandleId());
        }
        if (handle instanceof ChangelogStateBackendHandle) {
            throw new UnsupportedSnapshotException("its keyed state has a changelog, of which it is not proven that it"
                    + " restores elsewhere: take a savepoint, which has none");
        }
        throw new UnsupportedSnapshotException(
                "keyed state handle of unknown class " + handle.getClass().getName());
    }

    private List<HandleAndLocalPath> placeAll(List<HandleAndLocalPath> files, UnaryOperator<StreamStateHandle> place) {
        return files.stream()
                .map(file -> HandleAndLocalPath.of(place.apply(file.getHandle()), file.getLocalPath()))
                .toList();
    }
}
