package io.breakwater.replicator.flink.snapshot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/**
 * Cuts the bytes of an operator's list states into elements at the offsets that the handle names, and joins them
 * again. The header before the first element (descriptions of the states) is kept as it is, so that no class of the
 * job is needed to read it.
 */
final class ListStateElements {

    /** Since version 6 of the header, a flag follows that says whether the elements are compressed. */
    private static final int FIRST_VERSION_WITH_COMPRESSION = 6;

    private final Map<String, StateMetaInfo> states;
    private final byte[] bytes;
    private final SortedMap<Long, String> starts = new TreeMap<>();

    ListStateElements(OperatorStateHandle handle, byte[] bytes) {
        this.states = handle.getStateNameToPartitionOffsets();
        this.bytes = bytes;
        states.forEach((name, info) -> Arrays.stream(info.getOffsets()).forEach(offset -> starts.put(offset, name)));
        if (!starts.isEmpty() && (starts.firstKey() < 0 || starts.lastKey() > bytes.length)) {
            throw new UnsupportedSnapshotException("list state offsets " + starts.firstKey() + " to " + starts.lastKey()
                    + " are outside of its " + bytes.length + " bytes");
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        if (bytes.length > Integer.BYTES && header.getInt() >= FIRST_VERSION_WITH_COMPRESSION && header.get() != 0) {
            throw new UnsupportedSnapshotException("its list state is compressed: positions in it cannot be rewritten;"
                    + " set execution.checkpointing.snapshot-compression to false");
        }
    }

    /**
     * Applies the change to each element.
     *
     * @param name of the new in-memory handle, unique in the snapshot
     * @return empty if no element changed
     */
    Optional<OperatorStateHandle> changed(StateChange change, String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, starts.isEmpty() ? bytes.length : Math.toIntExact(starts.firstKey()));
        Map<String, List<Long>> kept = new HashMap<>();
        boolean same = true;
        for (Map.Entry<Long, String> start : starts.entrySet()) {
            byte[] element = element(start.getKey());
            Optional<byte[]> changed = change.element(start.getValue(), element);
            same &= changed.isPresent() && Arrays.equals(changed.get(), element);
            if (changed.isPresent()) {
                kept.computeIfAbsent(start.getValue(), s -> new ArrayList<>()).add((long) out.size());
                out.writeBytes(changed.get());
            }
        }
        return same ? Optional.empty() : Optional.of(handle(kept, new ByteStreamStateHandle(name, out.toByteArray())));
    }

    private byte[] element(long start) {
        SortedMap<Long, String> next = starts.tailMap(start + 1);
        return Arrays.copyOfRange(
                bytes, Math.toIntExact(start), next.isEmpty() ? bytes.length : Math.toIntExact(next.firstKey()));
    }

    private OperatorStateHandle handle(Map<String, List<Long>> offsets, ByteStreamStateHandle content) {
        Map<String, StateMetaInfo> infos = new HashMap<>();
        states.forEach((state, info) -> infos.put(
                state,
                new StateMetaInfo(
                        offsets.getOrDefault(state, List.of()).stream()
                                .mapToLong(Long::longValue)
                                .toArray(),
                        info.getDistributionMode())));
        return new OperatorStreamStateHandle(infos, content);
    }
}
