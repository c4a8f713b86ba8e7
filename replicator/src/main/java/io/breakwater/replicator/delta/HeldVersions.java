package io.breakwater.replicator.delta;

import io.breakwater.region.LogFile;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the policy's delay holds back. A version counts as old as its commit's object at the source, which no writer can
 * make older than it is. The files of a version that is held back are copied at once, and its commit is kept beside the
 * replica: the source may be vacuumed or destroyed before its time has come. For one thread.
 */
final class HeldVersions {

    private final MirroredTable table;
    private final CommitCarrier carrier;
    private final HeldCommits commits;
    private final Clock clock;
    private final Duration delay;
    private final NavigableMap<Long, Instant> held = new TreeMap<>();
    private boolean looked;

    HeldVersions(MirroredTable table, CommitCarrier carrier, Clock clock) {
        this.table = table;
        this.carrier = carrier;
        this.clock = clock;
        this.commits = new HeldCommits(table.targetStore(), table.target().table());
        this.delay = table.policy().delay();
    }

    /** The first of the log files, up to the first that is too young. */
    List<LogFile> due(List<LogFile> ascending) {
        if (delay.isZero()) {
            return ascending;
        }
        Instant youngest = clock.instant().minus(delay);
        List<LogFile> due = new ArrayList<>();
        for (LogFile file : ascending) {
            if (file.info().lastModified().isAfter(youngest)) {
                break;
            }
            due.add(file);
        }
        return due;
    }

    /** Copies what these commits name, and keeps the commits; each once. */
    void hold(List<LogFile> tooYoung) throws MirrorHaltException, InterruptedException {
        for (LogFile file : tooYoung) {
            if (!held.containsKey(file.version())) {
                RawCommit commit = RawCommit.read(table, file);
                carrier.copyAhead(commit);
                commits.put(commit);
                held.put(file.version(), file.info().lastModified());
            }
        }
    }

    /** The first of these commits whose files are not here. */
    Optional<LogFile> firstLacking(List<LogFile> ascending) {
        return ascending.stream()
                .filter(file -> !held.containsKey(file.version()))
                .findFirst();
    }

    /** @throws MirrorHaltException if a commit is not the one that was held back */
    void check(List<RawCommit> due) throws MirrorHaltException {
        if (delay.isZero()) {
            return;
        }
        for (RawCommit commit : due) {
            Optional<byte[]> kept = commits.get(commit.version());
            if (kept.isPresent() && !Arrays.equals(kept.get(), commit.bytes())) {
                throw MirrorHaltException.stopped("version " + commit.version()
                        + " was overwritten at the source while it was held back: it had "
                        + RawCommit.describe(kept.get()) + ", now " + RawCommit.describe(commit.bytes())
                        + ". Nothing was changed; the first one is kept at " + commits.note(commit.version()));
            }
        }
    }

    /** Takes away the copies of commits that the replica has now; also those of a mirror that ended. */
    void carriedThrough(long position) {
        if (delay.isZero()) {
            return;
        }
        if (!looked) {
            commits.versions().stream().filter(version -> version <= position).forEach(commits::remove);
            looked = true;
        }
        NavigableMap<Long, Instant> carried = held.headMap(position, true);
        carried.keySet().forEach(commits::remove);
        carried.clear();
    }

    /** At what time of the source the replica was complete, if at a time nothing but what is held was missing. */
    Instant completeAt(Instant asOf) {
        return held.isEmpty() ? asOf : held.firstEntry().getValue().minusMillis(1);
    }

    Optional<String> describe() {
        return held.isEmpty()
                ? Optional.empty()
                : Optional.of("held back by the delay of " + delay + ": versions " + held.firstKey() + " to "
                        + held.lastKey() + ", the first due at "
                        + held.firstEntry().getValue().plus(delay) + "; their files are here");
    }

    /** A part of a sentence that holds only with a delay. */
    String ifDelayed(String words) {
        return delay.isZero() ? "" : words;
    }
}
