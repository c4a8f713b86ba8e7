package io.breakwater.replicator.flink.snapshot;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle.ChangelogStateBackendHandleImpl;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;

/** Rebuilds the handles of keyed state with their files placed elsewhere; the content stays as it is. */
final class KeyedHandles {

    private final FilePlacement placement;

    KeyedHandles(FilePlacement placement) {
        this.placement = placement;
    }

    KeyedStateHandle place(KeyedStateHandle handle) {
        return handle instanceof ChangelogStateBackendHandle changelog
                ? placeChangelog(changelog)
                : place(handle, placement::place, placement::placeShared);
    }

    private KeyedStateHandle place(
            KeyedStateHandle handle, UnaryOperator<StreamStateHandle> own, UnaryOperator<StreamStateHandle> shared) {
        if (handle instanceof KeyGroupsSavepointStateHandle savepoint) {
            return new KeyGroupsSavepointStateHandle(
                    savepoint.getGroupRangeOffsets(), own.apply(savepoint.getDelegateStateHandle()));
        }
        if (handle instanceof KeyGroupsStateHandle groups) {
            return KeyGroupsStateHandle.restore(
                    groups.getGroupRangeOffsets(),
                    own.apply(groups.getDelegateStateHandle()),
                    groups.getStateHandleId());
        }
        if (handle instanceof IncrementalRemoteKeyedStateHandle incremental) {
            return IncrementalRemoteKeyedStateHandle.restore(
                    incremental.getBackendIdentifier(),
                    incremental.getKeyGroupRange(),
                    incremental.getCheckpointId(),
                    placeAll(incremental.getSharedState(), shared),
                    placeAll(incremental.getPrivateState(), own),
                    own.apply(incremental.getMetaDataStateHandle()),
                    incremental.getCheckpointedSize(),
                    incremental.getStateHandleId());
        }
        throw new UnsupportedSnapshotException(
                "keyed state handle of unknown class " + handle.getClass().getName());
    }

    private KeyedStateHandle placeChangelog(ChangelogStateBackendHandle changelog) {
        return ChangelogStateBackendHandleImpl.restore(
                changelog.getMaterializedStateHandles().stream()
                        .map(base -> place(base, placement::placeLasting, placement::placeLasting))
                        .toList(),
                changelog.getNonMaterializedStateHandles().stream()
                        .map(this::placeChanges)
                        .toList(),
                changelog.getKeyGroupRange(),
                changelog.getCheckpointId(),
                changelog.getMaterializationID(),
                changelog.getCheckpointedSize(),
                changelog.getStateHandleId());
    }

    private ChangelogStateHandle placeChanges(ChangelogStateHandle handle) {
        if (!(handle instanceof ChangelogStateHandleStreamImpl changes)) {
            throw new UnsupportedSnapshotException("changelog of unknown class "
                    + handle.getClass().getName() + ": set state.changelog.storage to filesystem, or take a savepoint");
        }
        return ChangelogStateHandleStreamImpl.restore(
                changes.getHandlesAndOffsets().stream()
                        .map(stream -> Tuple2.of(placement.placeChanges(stream.f0), stream.f1))
                        .toList(),
                changes.getKeyGroupRange(),
                changes.getStateSize(),
                changes.getCheckpointedSize(),
                changes.getStorageIdentifier(),
                changes.getStateHandleId());
    }

    private List<HandleAndLocalPath> placeAll(List<HandleAndLocalPath> files, UnaryOperator<StreamStateHandle> place) {
        return files.stream()
                .map(file -> HandleAndLocalPath.of(place.apply(file.getHandle()), file.getLocalPath()))
                .toList();
    }
}
