package io.breakwater.replicator.delta;

import io.breakwater.region.BridgeMark;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaCommit.CommitInfo;
import io.breakwater.region.LogFile;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The times of versions that are on the target without that a mirror has said when they were committed: made while the
 * target's region was the active one, or put just before a mirror ended. Costs a request a version, once.
 */
final class MissingTimes {

    private MissingTimes() {}

    /**
     * @param after the newest version whose time is known; -1 for none
     * @param before the version at which the mirror stands
     */
    static NavigableMap<Long, Instant> of(MirroredTable table, long after, long before) {
        NavigableMap<Long, Instant> times = new TreeMap<>();
        if (after + 1 >= before) {
            return times;
        }
        Map<Long, Instant> atSource = new HashMap<>();
        table.source()
                .commitsAfter(after)
                .forEach(file -> atSource.put(file.version(), file.info().lastModified()));
        for (LogFile file : table.target().commitsAfter(after)) {
            Optional<byte[]> commit =
                    file.version() < before ? table.target().commit(file.version()) : Optional.empty();
            if (commit.filter(bytes -> !BridgeMark.isMarked(bytes)).isPresent()) {
                Instant here = file.info().lastModified();
                Instant there = atSource.getOrDefault(file.version(), here);
                // One of the two is a copy, and later.
                times.put(file.version(), inLog(commit.get()).orElse(here.isBefore(there) ? here : there));
            }
        }
        return times;
    }

    private static Optional<Instant> inLog(byte[] commit) {
        return DeltaCommit.parse(commit) instanceof CommitContent.Actions actions
                ? actions.commit().info().flatMap(CommitInfo::inCommitTimestamp)
                : Optional.empty();
    }
}
