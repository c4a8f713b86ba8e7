package io.breakwater.verification.flink;

import io.breakwater.region.ObjectUri;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.SnappyStreamCompressionDecorator;
import org.apache.flink.runtime.state.StateObject;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle;
import org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl;
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

    /**
     * How much of an object is referred to.
     *
     * @param exact whether the object must have just that many bytes; else at least that many
     * @param changes whether it is a file of Flink's changelog: then {@code bytes} are what its first byte is followed by,
     *     before compression
     */
    record Extent(long bytes, boolean exact, boolean changes) {
        Extent and(Extent other) {
            return new Extent(Math.max(bytes, other.bytes), exact || other.exact, changes || other.changes);
        }

        /** @param content of the object, where its size alone does not tell */
        boolean allows(long size, Supplier<Optional<byte[]>> content) {
            if (changes) {
                return size == bytes + 1
                        || content.get()
                                .filter(found -> changesIn(found) >= bytes)
                                .isPresent();
            }
            return exact ? size == bytes : size >= bytes;
        }

        private static long changesIn(byte[] file) {
            if (file.length == 0) {
                return 0;
            }
            if (file[0] != 1) {
                return file.length - 1L;
            }
            InputStream behindFlag = new ByteArrayInputStream(file, 1, file.length - 1);
            try (InputStream changes = SnappyStreamCompressionDecorator.INSTANCE.decorateWithCompression(behindFlag)) {
                return changes.transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                return 0; // cut or overwritten: none of it can be relied on
            }
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
            need(directory.resolve(file.getRelativePath()).toString(), new Extent(file.getStateSize(), true, false));
        } else if (state instanceof FileStateHandle file) {
            need(file.getFilePath().toString(), new Extent(file.getStateSize(), true, false));
        } else if (state instanceof SegmentFileStateHandle segment) {
            need(
                    segment.getFilePath().toString(),
                    new Extent(segment.getStartPos() + segment.getStateSize(), false, false));
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
        } else if (state instanceof ChangelogStateBackendHandle changelog) {
            changelog.getMaterializedStateHandles().forEach(open::push);
            changelog.getNonMaterializedStateHandles().forEach(open::push);
        } else if (state instanceof ChangelogStateHandleStreamImpl changes) {
            changes.getHandlesAndOffsets().forEach(part -> needChanges(operator, part.f0, part.f1));
        } else {
            faults.add("operator " + operator + ": state of class "
                    + state.getClass().getName() + " can't be followed to its files");
        }
    }

    private void needChanges(String operator, StreamStateHandle file, long offset) {
        if (offset < 0 || offset >= file.getStateSize()) {
            faults.add("operator " + operator + ": changes at byte " + offset + " of " + file.getStateSize());
        }
        if (file instanceof RelativeFileStateHandle beside) {
            need(directory.resolve(beside.getRelativePath()).toString(), changes(file));
        } else if (file instanceof FileStateHandle absolute) {
            need(absolute.getFilePath().toString(), changes(file));
        } else {
            open.push(file);
        }
    }

    private static Extent changes(StreamStateHandle file) {
        return new Extent(file.getStateSize(), false, true);
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
