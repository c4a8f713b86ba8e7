package io.breakwater.replicator.delta;

import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit.CommitInfo;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.VersionTimes;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * When each version of a table was committed, of a replica as of any other table: what a mirror noted, else the time in
 * the commit, else the time of the commit's object. As in Delta a version counts as at least a millisecond later than
 * the one before it.
 */
public final class TableTimes {

    /** Where a time comes from. */
    public enum Origin {
        /** Noted by the mirror: as a reader at the source has it. */
        SOURCE,
        /** In the commit itself. */
        COMMIT,
        /** Of the object: on a copy, when it was copied. */
        OBJECT
    }

    /** @param time by which a reader finds the version */
    public record VersionTime(long version, Instant time, Origin origin) {}

    private final NavigableMap<Long, VersionTime> versions = new TreeMap<>();

    private TableTimes() {}

    /** Reads each commit of which no mirror has noted the time. */
    public static TableTimes of(ObjectStore store, ObjectUri table) {
        NavigableMap<Long, Instant> noted = new VersionTimes(store, table).all();
        DeltaLogFiles log = new DeltaLogFiles(store, table);
        TableTimes times = new TableTimes();
        for (LogFile commit : log.commitsAfter(-1)) {
            times.add(Optional.ofNullable(noted.get(commit.version()))
                    .map(time -> new VersionTime(commit.version(), time, Origin.SOURCE))
                    .orElseGet(() -> own(log, commit)));
        }
        return times;
    }

    private static VersionTime own(DeltaLogFiles log, LogFile commit) {
        return log.content(commit.version())
                .flatMap(content -> content instanceof CommitContent.Actions actions
                        ? actions.commit().info().flatMap(CommitInfo::inCommitTimestamp)
                        : Optional.empty())
                .map(time -> new VersionTime(commit.version(), time, Origin.COMMIT))
                .orElseGet(() -> new VersionTime(commit.version(), commit.info().lastModified(), Origin.OBJECT));
    }

    private void add(VersionTime next) {
        Instant least = versions.isEmpty()
                ? next.time()
                : versions.lastEntry().getValue().time().plusMillis(1);
        versions.put(
                next.version(),
                next.time().isBefore(least) ? new VersionTime(next.version(), least, next.origin()) : next);
    }

    /** By version, ascending in time too. */
    public NavigableMap<Long, VersionTime> all() {
        return versions;
    }

    /** The newest version that stood at a time; empty if the time is before the oldest one. */
    public Optional<VersionTime> asOf(Instant time) {
        return versions.values().stream()
                .filter(version -> !version.time().isAfter(time))
                .reduce((older, newer) -> newer);
    }
}
