package io.breakwater.replicator.delta;

import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.LogFile;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Carries commits of one table to its replica: everything that they name first, compared on arrival, then each
 * commit's own bytes, ascending, only where nothing stands. At every moment the replica is some version of the source.
 *
 * <p>A file that the source no longer has (vacuumed) is let pass only if a later commit takes it out of the table; the
 * commits in between are then crossed by a {@link VacuumBridge}, and not announced.
 */
final class CommitCarrier {

    /** How many commits are read in search of the one that took a missing file out; bounds memory. */
    private static final int LOOK_AHEAD = 500;

    /** A file that a version needs and the source no longer has. */
    private record Missing(long version, String path, boolean vectorOnly) {}

    /**
     * A commit that was carried.
     *
     * @param readable whether its version can be read
     * @param objects digest of the objects that it brought
     */
    record Carried(RawCommit commit, boolean readable, String objects) {}

    private final MirroredTable table;
    private final VacuumBridge bridge;
    private final CommitPuts puts;

    CommitCarrier(MirroredTable table, VacuumBridge bridge) {
        this.table = table;
        this.bridge = bridge;
        this.puts = new CommitPuts(table.targetStore(), table.target(), bridge);
    }

    /**
     * @param first commits that follow the replica's newest version, ascending, without a gap
     * @param further those after them
     * @return what was carried, ascending
     */
    List<Carried> carry(List<RawCommit> first, List<LogFile> further) throws MirrorHaltException, InterruptedException {
        List<RawCommit> commits = new ArrayList<>(first);
        Map<CopyJob, CopyOutcome> arrived = new HashMap<>();
        List<Missing> missing = copyFiles(first, arrived);
        Set<Long> unreadable = new HashSet<>();
        int next = 0;
        // A way over such versions that was begun is gone to its end, also if their files are there again.
        long begun = bridge.interruptedAt().orElse(-1);
        while (commits.get(commits.size() - 1).version() <= begun && next < further.size()) {
            RawCommit later = RawCommit.read(table, further.get(next++));
            commits.add(later);
            missing.addAll(copyFiles(List.of(later), arrived));
        }
        if (commits.get(commits.size() - 1).version() <= begun) {
            throw MirrorHaltException.waiting("the source's versions after " + begun
                    + ", which the replica was on its way to, are not there (yet)");
        }
        for (long version = commits.get(0).version(); version <= begun; version++) {
            unreadable.add(version);
        }
        for (int i = 0; i < missing.size(); i++) {
            Optional<Long> removed = removal(missing.get(i), commits);
            while (removed.isEmpty()) {
                if (next == further.size() || next == LOOK_AHEAD) {
                    throw MirrorHaltException.filesGone(table.source().table() + ": version "
                            + missing.get(i).version() + " needs "
                            + missing.get(i).path() + ", which the source no longer has, and none of the "
                            + (commits.size() - 1) + " commits after it takes it out");
                }
                RawCommit later = RawCommit.read(table, further.get(next++));
                commits.add(later);
                missing.addAll(copyFiles(List.of(later), arrived));
                removed = removal(missing.get(i), commits);
            }
            for (long version = missing.get(i).version(); version < removed.get(); version++) {
                unreadable.add(version);
            }
        }
        return puts.put(commits, unreadable).entrySet().stream()
                .map(put -> new Carried(put.getKey(), put.getValue(), ObjectsDigest.of(table, put.getKey(), arrived)))
                .toList();
    }

    /** Copies what a commit names, and puts nothing; what the source no longer has is met when the commit is carried. */
    void copyAhead(RawCommit commit) throws MirrorHaltException, InterruptedException {
        copyFiles(List.of(commit), new HashMap<>());
    }

    /** @param arrived gets all outcomes */
    private List<Missing> copyFiles(List<RawCommit> commits, Map<CopyJob, CopyOutcome> arrived)
            throws MirrorHaltException, InterruptedException {
        Map<CopyJob, Optional<Missing>> jobs = new LinkedHashMap<>();
        for (RawCommit commit : commits) {
            for (DataFile add : commit.commit().adds()) {
                String path = add.path();
                jobs.put(table.data(commit, path, add.size()), Optional.of(new Missing(commit.version(), path, false)));
                add.deletionVector()
                        .ifPresent(vector -> jobs.put(
                                table.data(commit, vector.path(), OptionalLong.empty()),
                                Optional.of(new Missing(commit.version(), path, true))));
            }
            // Change data is not needed to read a version, and no action ever takes it out.
            for (DataFile change : commit.commit().changes()) {
                jobs.put(table.data(commit, change.path(), change.size()), Optional.empty());
            }
        }
        List<CopyJob> order = table.share().ownFirst(jobs.keySet());
        List<CopyOutcome> outcomes = table.copier().copy(order);
        List<Missing> missing = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            CopyOutcome outcome = outcomes.get(i);
            arrived.put(order.get(i), outcome);
            if (outcome instanceof CopyOutcome.SourceMissing) {
                jobs.getOrDefault(order.get(i), Optional.empty()).ifPresent(missing::add);
            } else if (outcome instanceof CopyOutcome.Different different) {
                throw MirrorHaltException.stopped(order.get(i).to() + ": " + different.detail());
            } else if (outcome instanceof CopyOutcome.Failed failed) {
                throw MirrorHaltException.waiting(failed.reason());
            }
        }
        return missing;
    }

    private static Optional<Long> removal(Missing missing, List<RawCommit> commits) {
        return commits.stream()
                .filter(commit -> commit.version() > missing.version())
                .filter(commit -> commit.commit().removes().contains(missing.path()))
                .filter(commit -> missing.vectorOnly()
                        || commit.commit().adds().stream()
                                .noneMatch(add -> add.path().equals(missing.path())))
                .map(RawCommit::version)
                .findFirst();
    }
}
