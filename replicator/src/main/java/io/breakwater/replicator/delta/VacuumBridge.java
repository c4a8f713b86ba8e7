package io.breakwater.replicator.delta;

import io.breakwater.region.BridgeMark;
import io.breakwater.region.DeltaCommit.CommitInfo;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.delta.BridgeNote.Way;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Takes a replica from a version P to a version R over versions that nobody can read any more, because the source has
 * vacuumed files that they need, without ever being unreadable. Put one after the other, their commits would make it so
 * until R's is there; for good, if the source is lost just then. The order of puts, after each of which the newest
 * version reads as the source's P or as its R:
 * <ol>
 *   <li>P+1 to R-1, commits that change nothing. Where there is no P, version 0 is put as what R is;
 *   <li>R, a commit that says the last word on all that P+1 to R touch. It makes R of P, and also of any version between;
 *   <li>after {@link LogBridge#GRACE}, the source's own bytes in the place of P+1 to R-1, which leaves R what it is;
 *   <li>after that time again, the source's own bytes in the place of R. The log is the source's then, byte by byte.
 * </ol>
 * For one thread.
 */
final class VacuumBridge {

    private final ObjectStore store;
    private final DeltaLogFiles replica;
    private final Clock clock;
    private final BridgeNote note;
    private OptionalLong interrupted = OptionalLong.empty();

    VacuumBridge(ObjectStore store, DeltaLogFiles replica, Clock clock) {
        this.note = new BridgeNote(
                store, replica.table(), "vacuumed.json", "and the versions that were vacuumed are looked at anew");
        this.store = store;
        this.replica = replica;
        this.clock = clock;
    }

    /**
     * @param between can't be read; they follow the replica's newest version
     * @param first can be read again, follows them, and all that it needs is there
     */
    void cross(List<RawCommit> between, RawCommit first) throws MirrorHaltException {
        long from = between.get(0).version() - 1;
        Optional<Way> before = note.way();
        note.remember(new Way(
                Math.min(from, before.map(Way::from).orElse(from)),
                Math.max(first.version(), before.map(Way::to).orElse(-1L)),
                clock.instant(),
                false));
        MergedActions merged = new MergedActions();
        between.forEach(commit -> merged.add(commit.bytes()));
        merged.add(first.bytes());
        for (RawCommit commit : between) {
            List<String> actions = commit.version() == 0 ? merged.lines() : List.of();
            put(commit, lines(LogBridge.info(inCommitTimestamp(commit), commit.time(), Optional.empty()), actions));
        }
        put(
                first,
                lines(
                        LogBridge.info(inCommitTimestamp(first), first.time(), Optional.of(first.bytes())),
                        merged.lines()));
        interrupted = OptionalLong.empty();
    }

    private static Optional<Instant> inCommitTimestamp(RawCommit commit) {
        return commit.commit().info().flatMap(CommitInfo::inCommitTimestamp);
    }

    private static byte[] lines(String info, List<String> actions) {
        List<String> lines = new ArrayList<>(List.of(info));
        lines.addAll(actions);
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void put(RawCommit commit, byte[] bytes) throws MirrorHaltException {
        ObjectUri file = replica.commitFile(commit.version());
        if (store.putIfAbsent(file, bytes) == PutOutcome.EXISTS) {
            byte[] there = replica.commit(commit.version()).orElse(new byte[0]);
            if (!BridgeMark.isMarked(there) && !Arrays.equals(there, commit.bytes())) {
                throw CommitPuts.fork(commit.version(), commit.bytes(), there);
            }
        }
    }

    /**
     * Of a replica whose newest version only fills the way to another one: the version from which that is to be gone
     * again, -1 for none. It is to be carried over at least these versions then.
     *
     * @param newest version of the replica, which changes nothing
     */
    OptionalLong resume(long newest) {
        note.askAgain();
        Optional<Way> begun = note.way().filter(known -> known.from() < newest && newest < known.to() && !known.own());
        if (begun.isEmpty()) {
            return OptionalLong.empty();
        }
        interrupted = OptionalLong.of(newest);
        return OptionalLong.of(begun.get().from());
    }

    /** The last version of a way that was begun and not ended; empty if there is none. */
    OptionalLong interruptedAt() {
        return interrupted;
    }

    /** The way goes elsewhere: by a checkpoint, and what was put up to there is for its bridge to tidy up. */
    void giveUp(long newest) {
        if (note.way().filter(known -> known.to() > newest).isPresent()) {
            note.forget();
        }
        interrupted = OptionalLong.empty();
    }

    /** Whether a log file would, beside commits that are not the source's own, make another version of R. */
    boolean misleads(LogFile file) {
        return file.kind() == Kind.COMPACTION
                && note.way()
                        .filter(known -> file.version() > known.from() && file.version() <= known.to())
                        .isPresent();
    }

    /**
     * The last two steps, when their time has come; until then, and after them, next to nothing.
     *
     * @param table whose replica it is
     */
    void tidy(MirroredTable table, long position) throws MirrorHaltException {
        Way now = note.way().orElse(null);
        if (now == null
                || position < now.to()
                || clock.instant().isBefore(now.made().plus(LogBridge.GRACE))) {
            return;
        }
        Map<Long, LogFile> atSource = new HashMap<>();
        table.source().commitsAfter(now.from()).forEach(file -> atSource.put(file.version(), file));
        boolean whole = true;
        for (LogFile file : replica.commitsAfter(now.from())) {
            if (file.version() <= now.to()) {
                whole &= tidy(table, file.version(), now.own(), Optional.ofNullable(atSource.get(file.version())));
            }
        }
        // What the source no longer has stays as it is, and so does what must make up for it.
        if (now.own() || !whole) {
            note.forget();
        } else {
            note.remember(new Way(now.from(), now.to(), clock.instant(), true));
        }
    }

    /** @return false if the source no longer has the commit that a filling one stands in for */
    private boolean tidy(MirroredTable table, long version, boolean alsoBridges, Optional<LogFile> atSource)
            throws MirrorHaltException {
        byte[] there = replica.commit(version).orElse(new byte[0]);
        boolean filling = BridgeMark.isFilling(there);
        if (!filling && !(alsoBridges && BridgeMark.isMarked(there))) {
            return true;
        }
        if (atSource.isEmpty()) {
            return false;
        }
        byte[] meant = RawCommit.read(table, atSource.get()).bytes();
        if (filling || BridgeMark.standsFor(there, meant)) {
            store.put(replica.commitFile(version), meant);
        }
        return true;
    }
}
