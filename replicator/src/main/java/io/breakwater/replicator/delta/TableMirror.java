package io.breakwater.replicator.delta;

import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStoreException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Follows one table. Where it stands is written on the target: the newest commit there. Invariants: a commit is put
 * only after all that it names, only with the source's bytes, only as the next version, only where nothing stands.
 *
 * <p>The cost of a step depends on what is new, not on the size of the table: one listing of the newest part of the
 * log, and one look at the hint. For one thread.
 */
final class TableMirror {

    /** How far back the log is listed, for files that come after their commits. */
    private static final int WINDOW = 10;

    private static final int BATCH_COMMITS = 64;
    private static final long BATCH_BYTES = 16L << 20;

    private final MirroredTable table;
    private final Clock clock;
    private final CommitCarrier carrier;
    private final LogExtras extras;
    private final List<MirroredVersion> unannounced = new ArrayList<>();

    private boolean started;
    /** The newest version on the target; -1 if there is none. */
    private long position = -1;

    private String positionEtag = "";
    private WriterInputs inputs = WriterInputs.NONE;
    private Optional<Progress> stopped = Optional.empty();

    TableMirror(MirroredTable table, Clock clock) {
        this.table = table;
        this.clock = clock;
        this.carrier = new CommitCarrier(table);
        this.extras = new LogExtras(table);
    }

    MirroredTable table() {
        return table;
    }

    /** Goes on as far as one step goes: blocks while it copies. */
    Progress advance() throws InterruptedException {
        if (stopped.isPresent()) {
            return stopped.get();
        }
        try {
            if (!started) {
                start();
                started = true;
            }
            return follow();
        } catch (MirrorHaltException e) {
            if (e.progress() instanceof Progress.Stopped) {
                stopped = Optional.of(e.progress());
            }
            return e.progress();
        } catch (ObjectStoreException e) {
            return new Progress.Waiting(String.valueOf(e.getMessage()));
        }
    }

    /** The versions that were completed since the last call, oldest first. */
    List<MirroredVersion> take() {
        List<MirroredVersion> taken = List.copyOf(unannounced);
        unannounced.clear();
        return taken;
    }

    private void start() throws MirrorHaltException, InterruptedException {
        OptionalLong newest = table.target().newestVersion();
        if (newest.isPresent()) {
            resume(newest.getAsLong());
            return;
        }
        List<LogFile> listed = table.source().listFrom(0);
        Optional<LogFile> first =
                listed.stream().filter(file -> file.kind() == Kind.COMMIT).findFirst();
        if (first.isEmpty()) {
            throw MirrorHaltException.waiting(
                    "no Delta table at " + table.source().table() + " yet");
        }
        if (first.get().version() > 0) {
            seed(listed);
        }
    }

    private void seed(List<LogFile> listed) throws MirrorHaltException, InterruptedException {
        MirroredVersion seeded = new TableSeed(table)
                .fromNewestCheckpoint(listed, extras)
                .orElseThrow(() -> MirrorHaltException.waiting("the log of "
                        + table.source().table()
                        + " begins after version 0 and has no complete checkpoint: there is nothing to seed from"));
        reached(seeded, "");
    }

    private void resume(long newest) throws MirrorHaltException, InterruptedException {
        byte[] there = table.target()
                .commit(newest)
                .orElseThrow(() ->
                        MirrorHaltException.waiting(table.target().commitFile(newest) + " was listed and is gone"));
        Optional<byte[]> meant = table.source().commit(newest);
        if (meant.isEmpty()) {
            throw missingAtSource(newest, there);
        }
        if (!Arrays.equals(meant.get(), there)) {
            throw CommitCarrier.fork(newest, meant.get(), there);
        }
        LogFile file = table.source().commitsAfter(newest - 1).stream()
                .filter(commit -> commit.version() == newest)
                .findFirst()
                .orElseThrow(() -> MirrorHaltException.waiting(table.source().commitFile(newest) + " is gone"));
        RawCommit commit = RawCommit.read(table.source(), file);
        WriterInputs known = new TableInputs(table.targetStore(), table.target()).at(newest);
        reached(new MirroredVersion(newest, commit.time(), known), commit.etag());
    }

    private MirrorHaltException missingAtSource(long newest, byte[] there) {
        OptionalLong source = table.source().newestVersion();
        if (source.isEmpty()) {
            return MirrorHaltException.waiting(
                    "no Delta table at " + table.source().table() + " any more");
        }
        String newestThere = "the replica's version " + newest + " (" + RawCommit.describe(there) + ")";
        return source.getAsLong() > newest
                ? MirrorHaltException.stopped(
                        "the source's log no longer has " + newestThere + ": it was cleaned up behind the mirror")
                : MirrorHaltException.stopped("fork: " + newestThere + " is past the source's newest version "
                        + source.getAsLong() + ". Nothing was changed");
    }

    private Progress follow() throws MirrorHaltException, InterruptedException {
        Instant asOf = clock.instant();
        List<LogFile> listed = table.source().listFrom(Math.max(0, position - WINDOW + 1));
        checkPosition(listed);
        List<LogFile> fresh = following(listed);
        List<RawCommit> batch = batch(fresh);
        if (!batch.isEmpty()) {
            carry(batch, fresh.subList(batch.size(), fresh.size()));
        }
        extras.carry(listed, position);
        return batch.isEmpty() ? new Progress.UpToDate(asOf) : new Progress.Moving();
    }

    private void carry(List<RawCommit> batch, List<LogFile> further) throws MirrorHaltException, InterruptedException {
        Map<RawCommit, Boolean> carried;
        try {
            carried = carrier.carry(batch, further);
        } catch (MirrorHaltException e) {
            List<LogFile> whole = position < 0 ? table.source().listFrom(0) : List.of();
            if (e.progress() instanceof Progress.Waiting
                    && !Checkpoint.among(whole).isEmpty()) {
                // The oldest versions can no longer be read at the source: a checkpoint's can.
                seed(whole);
                return;
            }
            throw e;
        }
        carried.forEach((commit, readable) -> {
            inputs = inputs.with(commit.commit().txns());
            position = commit.version();
            positionEtag = commit.etag();
            if (readable) {
                unannounced.add(new MirroredVersion(commit.version(), commit.time(), inputs));
            }
        });
    }

    private void reached(MirroredVersion version, String etag) {
        position = version.version();
        positionEtag = etag;
        inputs = version.inputs();
        unannounced.add(version);
    }

    /** A table that was dropped and made again, or whose commit was overwritten, is another table. */
    private void checkPosition(List<LogFile> listed) throws MirrorHaltException {
        if (position < 0) {
            return;
        }
        Optional<LogFile> same = listed.stream()
                .filter(file -> file.kind() == Kind.COMMIT && file.version() == position)
                .findFirst();
        if (same.isPresent()) {
            String etag = same.get().info().etag();
            if (!positionEtag.isEmpty() && !etag.equals(positionEtag)) {
                throw MirrorHaltException.stopped("version " + position + " of the source was overwritten (tag "
                        + positionEtag + ", now " + etag + "): the replica keeps what was committed first");
            }
            positionEtag = etag;
        } else if (listed.stream().anyMatch(file -> file.kind() == Kind.COMMIT && file.version() > position + 1)) {
            throw MirrorHaltException.stopped(
                    "the source's log was cleaned up behind the mirror, which is at version " + position);
        } else {
            throw MirrorHaltException.waiting("version " + position + " of "
                    + table.source().table() + " is gone: the table was dropped, or its log is being cleaned up");
        }
    }

    private List<LogFile> following(List<LogFile> listed) throws MirrorHaltException {
        List<LogFile> fresh = listed.stream()
                .filter(file -> file.kind() == Kind.COMMIT && file.version() > position)
                .toList();
        for (int i = 0; i < fresh.size(); i++) {
            if (fresh.get(i).version() != position + 1 + i) {
                if (i > 0) {
                    return fresh.subList(0, i);
                }
                throw MirrorHaltException.waiting("the source's log has a gap after version " + position + ": next is "
                        + fresh.get(0).version());
            }
        }
        return fresh;
    }

    private List<RawCommit> batch(List<LogFile> fresh) throws MirrorHaltException {
        List<RawCommit> batch = new ArrayList<>();
        long bytes = 0;
        for (LogFile file : fresh) {
            bytes += file.info().size();
            if (!batch.isEmpty() && (batch.size() == BATCH_COMMITS || bytes > BATCH_BYTES)) {
                break;
            }
            try {
                batch.add(RawCommit.read(table.source(), file));
            } catch (MirrorHaltException e) {
                if (batch.isEmpty()) {
                    throw e;
                }
                // What stands before it is carried first; the next step meets it again.
                break;
            }
        }
        return batch;
    }

    @Override
    public String toString() {
        return table.asset() + " at version " + position;
    }
}
