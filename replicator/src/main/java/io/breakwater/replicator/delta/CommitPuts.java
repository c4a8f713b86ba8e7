package io.breakwater.replicator.delta;

import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts commits on a replica, ascending, only where nothing stands. All that the readable ones need is there before; the
 * others are crossed by a {@link VacuumBridge}. For one thread.
 */
final class CommitPuts {

    private final ObjectStore store;
    private final DeltaLogFiles replica;
    private final VacuumBridge bridge;

    CommitPuts(ObjectStore store, DeltaLogFiles replica, VacuumBridge bridge) {
        this.store = store;
        this.replica = replica;
        this.bridge = bridge;
    }

    /**
     * @param commits that follow the replica's newest version, ascending, of which the last can be read
     * @param unreadable versions of which not all files are there; they are crossed
     * @return what was carried, with whether each version can be read
     */
    Map<RawCommit, Boolean> put(List<RawCommit> commits, Set<Long> unreadable) throws MirrorHaltException {
        Map<RawCommit, Boolean> carried = new LinkedHashMap<>();
        List<RawCommit> between = new ArrayList<>();
        for (RawCommit commit : commits) {
            boolean readable = !unreadable.contains(commit.version());
            if (!readable) {
                between.add(commit);
            } else if (between.isEmpty()) {
                put(commit);
            } else {
                bridge.cross(between, commit);
                between.clear();
            }
            carried.put(commit, readable);
        }
        return carried;
    }

    private void put(RawCommit commit) throws MirrorHaltException {
        if (store.putIfAbsent(replica.commitFile(commit.version()), commit.bytes()) == PutOutcome.CREATED) {
            return;
        }
        Optional<byte[]> there = replica.commit(commit.version());
        if (there.isEmpty()) {
            throw MirrorHaltException.waiting(replica.commitFile(commit.version()) + " was there and is gone");
        }
        if (!Arrays.equals(there.get(), commit.bytes())) {
            throw fork(commit.version(), commit.bytes(), there.get());
        }
    }

    static MirrorHaltException fork(long version, byte[] source, byte[] replica) {
        return MirrorHaltException.stopped("fork at version " + version + ": the source's commit has "
                + RawCommit.describe(source) + "; the replica's has " + RawCommit.describe(replica)
                + ". Nothing was changed. Remedy: move the replica's commit aside, or the table's mirror to"
                + " another path");
    }
}
