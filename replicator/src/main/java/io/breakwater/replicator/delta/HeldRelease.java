package io.breakwater.replicator.delta;

import io.breakwater.region.BridgeMark;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.VersionTimes;
import io.breakwater.replicator.delta.TableRestore.Outcome;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * Puts versions that a delay holds back on the replica. Their files were copied when they appeared at the source;
 * of a version between them some may never have come, because the source had vacuumed them already. Such versions are
 * crossed as a mirror does it ({@link VacuumBridge}): after each put the newest version is one of the source's, and
 * can be read. One that was interrupted is gone on with. For one thread.
 */
final class HeldRelease {

    private final ObjectStore store;
    private final DeltaLogFiles replica;
    private final HeldCommits held;
    private final VacuumBridge bridge;

    HeldRelease(ObjectStore store, DeltaLogFiles replica, Clock clock) {
        this.store = store;
        this.replica = replica;
        this.held = new HeldCommits(store, replica.table());
        this.bridge = new VacuumBridge(store, replica, clock);
    }

    /**
     * @param newest version of the replica
     * @param version after it
     */
    Outcome upTo(long newest, long version) throws InterruptedException {
        try {
            boolean filling =
                    replica.commit(newest).filter(BridgeMark::isFilling).isPresent();
            if (filling && LogBridge.isUnderWay(store, replica, newest)) {
                return new Outcome.Refused("version " + newest + " of the replica only fills a gap of its source's log,"
                        + " which its mirror has not crossed yet: let it run to the end, and ask again");
            }
            OptionalLong begun = filling ? bridge.resume(newest) : OptionalLong.empty();
            long from = begun.orElse(newest);
            List<RawCommit> commits = new ArrayList<>();
            for (long each = from + 1; each <= version; each++) {
                Optional<RawCommit> commit = held.commit(each);
                if (commit.isEmpty()) {
                    return new Outcome.Refused("version " + version + " is past the newest one, " + newest
                            + ", and no delay holds back version " + each);
                }
                commits.add(commit.get());
            }
            SortedMap<Long, List<String>> gone = gone(from, commits);
            if (gone.containsKey(version)) {
                return new Outcome.Refused(TableRestore.gone(version, gone.getOrDefault(version, List.of())));
            }
            Set<Long> unreadable = new HashSet<>(gone.keySet());
            if (begun.isPresent()) {
                // A way that was begun is gone to its end, also if the files are there again.
                LongStream.rangeClosed(from + 1, newest).forEach(unreadable::add);
            }
            new CommitPuts(store, replica, bridge).put(commits, unreadable);
            NavigableMap<Long, Instant> times = new TreeMap<>();
            commits.forEach(commit -> times.put(commit.version(), commit.readersTime()));
            new VersionTimes(store, replica.table()).add(times);
            return new Outcome.Released(version, (int) (version - newest));
        } catch (MirrorHaltException e) {
            return new Outcome.Refused(String.valueOf(e.getMessage()));
        }
    }

    /** Which of these versions need files that are not there, with some words on each file. */
    private SortedMap<Long, List<String>> gone(long from, List<RawCommit> commits)
            throws MirrorHaltException, InterruptedException {
        TableState state = from < 0 ? new TableState() : TableRestore.state(store, replica, from);
        SnapshotFiles all = SnapshotFiles.of(state);
        commits.forEach(commit -> all.include(commit.commit().adds()));
        Map<String, String> lacking = all.lacking(store, replica.table());
        SortedMap<Long, List<String>> gone = new TreeMap<>();
        if (lacking.isEmpty()) {
            return gone;
        }
        for (RawCommit commit : commits) {
            state.add(commit.bytes());
            List<String> needed = SnapshotFiles.of(state).paths().keySet().stream()
                    .filter(lacking::containsKey)
                    .map(lacking::get)
                    .toList();
            if (!needed.isEmpty()) {
                gone.put(commit.version(), needed);
            }
        }
        return gone;
    }
}
