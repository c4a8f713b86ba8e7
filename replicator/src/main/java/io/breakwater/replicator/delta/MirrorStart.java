package io.breakwater.replicator.delta;

import io.breakwater.region.BridgeMark;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds where a mirror stands and goes on, from what is on the target and at the source; where they do not fit
 * together, says why, or sets it right where that does no harm.
 */
final class MirrorStart {

    /**
     * Where a mirror stands.
     *
     * @param position newest version on the target; -1 if there is none
     * @param etag of the source's commit of that version; empty if it is not known
     * @param version to be announced; empty if there is none
     */
    record Standing(long position, String etag, WriterInputs inputs, Optional<MirroredVersion> version) {
        static final Standing NOTHING = new Standing(-1, "", WriterInputs.NONE, Optional.empty());
    }

    private final MirroredTable table;
    private final LogExtras extras;
    private final LogBridge bridge;
    private final VacuumBridge vacuumed;
    private final HeldVersions held;

    MirrorStart(MirroredTable table, LogExtras extras, LogBridge bridge, VacuumBridge vacuumed, HeldVersions held) {
        this.vacuumed = vacuumed;
        this.held = held;
        this.table = table;
        this.extras = extras;
        this.bridge = bridge;
    }

    Standing find() throws MirrorHaltException, InterruptedException {
        OptionalLong newest = table.target().newestVersion();
        Optional<String> detached = new DetachedReplica(table.targetStore(), table.target()).detached();
        if (detached.isPresent()) {
            throw MirrorHaltException.stopped("the replica is detached, " + detached.get()
                    + ": nothing is carried to it any more. Remedy: mirror the table to another path; or, to give up"
                    + " what was written to the replica, move its commits aside that the source has not, and remove "
                    + new DetachedReplica(table.targetStore(), table.target()).note());
        }
        return newest.isPresent() ? resume(newest.getAsLong()) : fresh();
    }

    private Standing fresh() throws MirrorHaltException, InterruptedException {
        List<LogFile> listed = table.source().listFrom(0);
        Optional<LogFile> first =
                listed.stream().filter(file -> file.kind() == Kind.COMMIT).findFirst();
        if (first.isEmpty()) {
            throw MirrorHaltException.waiting(
                    "no Delta table at " + table.source().table() + " yet");
        }
        return first.get().version() > 0 ? seed(listed) : Standing.NOTHING;
    }

    /** @param listed the whole log of the source */
    Standing seed(List<LogFile> listed) throws MirrorHaltException, InterruptedException {
        TableSeed.Seeded seeded = TableSeed.newestReadable(
                listed,
                "the log of " + table.source().table()
                        + " begins after version 0 and has no complete checkpoint: there is nothing to seed from",
                base -> new TableSeed(table).from(base, extras));
        return standing(
                seeded.commit()
                        .announced(seeded.inputs(), ObjectsDigest.onReplica(table, seeded.commit()), Optional.empty()),
                seeded.commit().etag());
    }

    private Standing resume(long newest) throws MirrorHaltException, InterruptedException {
        byte[] there = table.target()
                .commit(newest)
                .orElseThrow(() ->
                        MirrorHaltException.waiting(table.target().commitFile(newest) + " was listed and is gone"));
        List<LogFile> commits = table.source().commitsAfter(newest - 1);
        Optional<LogFile> same =
                commits.stream().filter(file -> file.version() == newest).findFirst();
        // What a mirror of the other direction has put to fill a way is a commit like any other in this one.
        boolean filling = BridgeMark.isFilling(there)
                && !table.source()
                        .commit(newest)
                        .map(own -> Arrays.equals(own, there))
                        .orElse(false);
        OptionalLong from = filling ? vacuumed.resume(newest) : OptionalLong.empty();
        if (from.isPresent() && from.getAsLong() >= 0) {
            return resume(from.getAsLong());
        }
        if (from.isPresent() && table.source().commit(0).isPresent()) {
            return Standing.NOTHING;
        }
        if (same.isEmpty() || filling) {
            return missingAtSource(newest, there, commits);
        }
        RawCommit meant = RawCommit.read(table, same.get());
        if (!Arrays.equals(meant.bytes(), there) && !BridgeMark.standsFor(there, meant.bytes())) {
            if (remade(newest)) {
                return fresh();
            }
            throw CommitPuts.fork(newest, meant.bytes(), there);
        }
        if (commits.size() > 1 && commits.get(1).version() > newest + 1) {
            return cross(newest);
        }
        WriterInputs known = new TableInputs(table.targetStore(), table.target()).at(newest);
        return standing(meant.announced(known, ObjectsDigest.onReplica(table, meant), Optional.empty()), meant.etag());
    }

    private Standing missingAtSource(long newest, byte[] there, List<LogFile> commits)
            throws MirrorHaltException, InterruptedException {
        if (commits.stream().anyMatch(file -> file.version() > newest)) {
            return remade(newest) ? fresh() : cross(newest);
        }
        OptionalLong source = table.source().newestVersion();
        if (source.isEmpty() && table.source().listFrom(0).isEmpty()) {
            throw MirrorHaltException.sourceGone("the source's log is gone: nothing is left at "
                    + table.source().table() + ". The replica stays what it is, at version " + newest
                    + ". Remedy: make the source from the replica, or go on with the replica (table restore)");
        }
        if (source.isEmpty() || BridgeMark.isFilling(there)) {
            throw MirrorHaltException.waiting(
                    "no Delta table at " + table.source().table() + " any more, or its log is being cleaned up");
        }
        if (remade(newest)) {
            return fresh();
        }
        throw MirrorHaltException.stopped("fork: the replica's version " + newest + " (" + RawCommit.describe(there)
                + ") is past the source's newest version " + source.getAsLong() + ". Nothing was changed");
    }

    /** From the replica's newest version to a checkpoint of the source, over versions that can't be had. */
    Standing cross(long newest) throws MirrorHaltException, InterruptedException {
        return TableSeed.newestReadable(
                held.due(table.source().listFrom(newest + 1)),
                "the source's log has a gap after version " + newest + " and no complete checkpoint behind it"
                        + held.ifDelayed(" that is old enough")
                        + ": it was cleaned up, and there is nothing to seed from",
                base -> {
                    RawCommit commit = RawCommit.read(table, base.commit());
                    vacuumed.giveUp(newest);
                    return standing(bridge.cross(newest, base.checkpoint(), commit, extras), commit.etag());
                });
    }

    /** @return whether another table now stands at the source, and the old one's log was moved aside for it */
    private boolean remade(long newest) throws MirrorHaltException, InterruptedException {
        Optional<String> source = TableIdentity.of(table.sourceStore(), table.source());
        Optional<String> replica = TableIdentity.of(table.targetStore(), table.target());
        if (source.isEmpty() || replica.isEmpty() || source.equals(replica)) {
            return false;
        }
        if (table.policy().remade() == MirrorPolicy.Remade.REFUSE) {
            throw MirrorHaltException.stopped("the source was dropped and made again: its table has id " + source.get()
                    + ", the replica is of " + replica.get() + " up to version " + newest
                    + ". Nothing was changed. Remedy: remade: seed in the asset, or another path");
        }
        new ReplicaAside(table).move(replica.get());
        return true;
    }

    private static Standing standing(MirroredVersion version, String etag) {
        return new Standing(version.version(), etag, version.inputs(), Optional.of(version));
    }
}
