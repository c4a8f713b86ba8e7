package io.breakwater.replicator.delta;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.BridgeMark;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit.CommitInfo;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.replicator.delta.BridgeNote.Way;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes a replica over a gap of its source's log, from version P to a checkpoint C, without ever being unreadable.
 *
 * <p>No order of the source's own files does that: C's commit without P+1 to C-1 is a gap, which every reader refuses,
 * and a checkpoint without its commit is refused by Delta Kernel. So the gap is filled first. The order of puts, after
 * each of which the newest version reads as the source's P or as its C:
 * <ol>
 *   <li>the live files of C;
 *   <li>P+1 to C-1, commits that change nothing;
 *   <li>C, a commit that makes P into C: it removes what C no longer has and adds what it has;
 *   <li>the source's checkpoint C, sidecars first, and {@code _last_checkpoint}. From here on nobody who opens the table
 *       needs what is before C;
 *   <li>after {@link #GRACE}, when who opened the table before has read it: the source's own bytes in the place of C, and
 *       the filling commits are taken away, so that no one takes them for the source's versions.
 * </ol>
 */
final class LogBridge {

    static final Duration GRACE = Duration.ofMinutes(10);

    private static final String NOTE = "bridge.json";
    private static final String IF_UNREADABLE = "and the gap in the log is looked at anew";

    private final MirroredTable table;
    private final Clock clock;
    private final BridgeNote note;

    LogBridge(MirroredTable table, Clock clock) {
        this.note = new BridgeNote(table.targetStore(), table.target().table(), NOTE, IF_UNREADABLE);
        this.table = table;
        this.clock = clock;
    }

    /**
     * @param from the newest version of the replica
     * @param commit of the checkpoint's version
     */
    MirroredVersion cross(long from, Checkpoint checkpoint, RawCommit commit, LogExtras extras)
            throws MirrorHaltException, InterruptedException {
        long to = checkpoint.version();
        note.remember(new Way(Math.min(from, note.way().map(Way::from).orElse(from)), to, clock.instant(), false));
        WriterInputs inputs = new TableSeed(table).copyLive(checkpoint);
        CheckpointReader reader = new CheckpointReader(table.sourceStore(), table.source());
        TableState before = TableState.at(table.targetStore(), table.target(), from);
        TableState after = TableState.of(reader, checkpoint);
        Optional<Instant> base = inCommitTimestamp(from);
        for (long version = from + 1; version < to; version++) {
            long filled = version;
            put(version, filling(base.map(time -> time.plusMillis(filled - from)), commit.time()));
        }
        List<String> lines = new ArrayList<>(List.of(info(
                commit.commit().info().flatMap(CommitInfo::inCommitTimestamp),
                commit.time(),
                Optional.of(commit.bytes()))));
        lines.addAll(after.actionsFrom(before, commit.time().toEpochMilli()));
        put(to, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        if (!extras.carry(checkpoint)) {
            throw MirrorHaltException.waiting(
                    "checkpoint " + to + " of " + table.source().table() + " is being removed");
        }
        table.targetStore().put(table.target().lastCheckpointFile(), hint(checkpoint, lines.size() - 1));
        return commit.announced(
                inputs,
                ObjectsDigest.onReplica(table, commit),
                Optional.of("the source no longer has what the next versions need: versions " + (from + 1) + " to "
                        + (to - 1) + " are not on the replica"));
    }

    /** @param newest version of a replica, which changes nothing */
    static boolean isUnderWay(ObjectStore store, DeltaLogFiles replica, long newest) {
        return new BridgeNote(store, replica.table(), NOTE, IF_UNREADABLE)
                .way()
                .filter(way -> way.from() < newest && newest < way.to())
                .isPresent();
    }

    /** The last step, when its time has come; until then, and after it, next to nothing. */
    void tidy(long position) throws MirrorHaltException {
        Way now = note.way().orElse(null);
        if (now == null
                || position < now.to()
                || clock.instant().isBefore(now.made().plus(GRACE))
                || table.target().lastCheckpointVersion().orElse(-1) < now.to()) {
            return;
        }
        Optional<byte[]> there = table.target().commit(now.to());
        Optional<byte[]> meant = table.source().commit(now.to());
        if (there.isPresent() && meant.isPresent() && BridgeMark.standsFor(there.get(), meant.get())) {
            table.targetStore().put(table.target().commitFile(now.to()), meant.get());
        }
        for (long version = now.to() - 1; version > now.from(); version--) {
            if (table.target().commit(version).filter(BridgeMark::isFilling).isPresent()) {
                table.targetStore().delete(table.target().commitFile(version));
            }
        }
        note.forget();
    }

    private void put(long version, byte[] bytes) throws MirrorHaltException {
        if (table.targetStore().putIfAbsent(table.target().commitFile(version), bytes) == PutOutcome.EXISTS) {
            byte[] there = table.target().commit(version).orElse(new byte[0]);
            if (!BridgeMark.isMarked(there)) {
                throw CommitPuts.fork(version, bytes, there);
            }
        }
    }

    private Optional<Instant> inCommitTimestamp(long version) {
        return table.target()
                .content(version)
                .flatMap(content -> content instanceof CommitContent.Actions actions
                        ? actions.commit().info().flatMap(CommitInfo::inCommitTimestamp)
                        : Optional.empty());
    }

    private static byte[] filling(Optional<Instant> inCommitTimestamp, Instant time) {
        return (info(inCommitTimestamp, time, Optional.empty()) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** @param source bytes of the commit that it stands for; empty if it only fills */
    static String info(Optional<Instant> inCommitTimestamp, Instant time, Optional<byte[]> source) {
        ObjectNode info = Json.MAPPER.createObjectNode();
        info.put("timestamp", time.toEpochMilli());
        inCommitTimestamp.ifPresent(ict -> info.put("inCommitTimestamp", ict.toEpochMilli()));
        info.put("operation", source.isPresent() ? "BREAKWATER BRIDGE" : "BREAKWATER FILLING");
        info.putObject("operationParameters");
        source.ifPresentOrElse(bytes -> BridgeMark.bridge(info, bytes), () -> BridgeMark.filling(info));
        return Json.MAPPER.createObjectNode().set("commitInfo", info).toString();
    }

    /** The source's own hint if it names this checkpoint, else as little as a hint must say. */
    private byte[] hint(Checkpoint checkpoint, int actions) {
        ObjectNode own = Json.MAPPER.createObjectNode().put("version", checkpoint.version());
        own.put("size", actions);
        if (checkpoint.parts().size() > 1) {
            own.put("parts", checkpoint.parts().size());
        }
        return table.sourceStore()
                .get(table.source().lastCheckpointFile())
                .filter(bytes -> DeltaLogFiles.hintedVersion(bytes).orElse(-1) == checkpoint.version())
                .orElseGet(() -> own.toString().getBytes(StandardCharsets.UTF_8));
    }
}
