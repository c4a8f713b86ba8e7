package io.breakwater.replicator.delta;

import io.breakwater.platform.Alarm;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.UnreadableNoteException;
import io.breakwater.region.VersionTimes;
import io.breakwater.replicator.delta.MirrorStart.Standing;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one table. Where it stands is written on the target: the newest commit there. Invariants: a commit is put
 * only after all that it names, only with the source's bytes (or what stands for them: {@link RawCommit},
 * {@link LogBridge}), only as the next version, only where nothing stands.
 *
 * <p>The cost of a step depends on what is new, not on the size of the table: one listing of the newest part of the
 * log, and one look at the hint. It needs neither Connect nor a controller. For one thread.
 */
public final class TableMirror {

    /** How far back the log is listed, for files that come after their commits. */
    private static final int WINDOW = 10;

    /** A sweep lists the whole table. */
    private static final Duration BETWEEN_SWEEPS = Duration.ofHours(6);

    private static final Logger LOG = LoggerFactory.getLogger(TableMirror.class);

    private static final int BATCH_COMMITS = 64;
    private static final long BATCH_BYTES = 16L << 20;

    private final MirroredTable table;
    private final Clock clock;
    private final CommitCarrier carrier;
    private final LogExtras extras;
    private final LogBridge bridge;
    private final VacuumBridge vacuumed;
    private final HeldVersions held;
    private final MirrorStart begin;
    private final VersionTimes times;
    private final ObjectUri rewrittenNote;
    private final RetentionWatch retention;
    private final List<MirroredVersion> unannounced = new ArrayList<>();

    private Optional<Standing> standing = Optional.empty();
    private volatile Optional<Alarm> checkpointAlarm = Optional.empty();
    /** Whether a commit was carried with other bytes: its checkpoints name the source's files, and are not carried. */
    private boolean rewritten;

    private Instant nextSweep;

    public TableMirror(MirroredTable table, Clock clock) {
        this.table = table;
        this.clock = clock;
        this.vacuumed = new VacuumBridge(table.targetStore(), table.target(), clock);
        this.carrier = new CommitCarrier(table, vacuumed);
        this.extras = new LogExtras(table);
        this.bridge = new LogBridge(table, clock);
        this.held = new HeldVersions(table, carrier, clock);
        this.begin = new MirrorStart(table, extras, bridge, vacuumed, held);
        this.times = new VersionTimes(table.targetStore(), table.target().table());
        this.nextSweep = clock.instant().plus(BETWEEN_SWEEPS);
        this.retention = new RetentionWatch(table);
        this.rewrittenNote = ReplicaNotes.of(table.target().table(), "rewritten.json");
    }

    public MirroredTable table() {
        return table;
    }

    /**
     * Goes on as far as one step goes: blocks while it copies. After {@link Progress.Stopped} the next call looks again
     * from the beginning; it is for the caller to let time pass then, and after {@link Progress.Waiting}.
     */
    public Progress advance() throws InterruptedException {
        Progress progress = step();
        retention.look(clock.instant());
        checkpointAlarm = extras.leftOut()
                .map(reason -> new Alarm(
                        "table-checkpoint",
                        table.asset().toString(),
                        table.asset() + " goes on by its commits: " + reason
                                + ". Remedy: have the source make another checkpoint; readers of the source meet this"
                                + " one",
                        false));
        return progress;
    }

    private Progress step() throws InterruptedException {
        try {
            if (standing.isEmpty()) {
                start();
            }
            return follow();
        } catch (MirrorHaltException e) {
            if (e.progress() instanceof Progress.Stopped) {
                standing = Optional.empty();
            }
            return e.progress();
        } catch (ObjectStoreException e) {
            return new Progress.Waiting(String.valueOf(e.getMessage()));
        } catch (UnreadableNoteException e) {
            standing = Optional.empty();
            return new Progress.Stopped(String.valueOf(e.getMessage()));
        }
    }

    /** The versions that were completed since the last call, oldest first. */
    public List<MirroredVersion> take() {
        List<MirroredVersion> taken = List.copyOf(unannounced);
        unannounced.clear();
        return taken;
    }

    /** Whether the source may soon lose what the replica still needs; from any thread. */
    public Optional<Alarm> retentionAlarm() {
        return retention.alarm();
    }

    /** All that is to be looked at although the mirror goes on; from any thread. */
    public List<Alarm> alarms() {
        return Stream.of(retentionAlarm(), checkpointAlarm)
                .flatMap(Optional::stream)
                .toList();
    }

    /** The newest version on the target as far as it was looked at; -1 if there is none. */
    public long position() {
        return standing.map(Standing::position).orElse(-1L);
    }

    /** What the policy's delay holds back; empty if nothing. */
    public Optional<String> heldBack() {
        return held.describe();
    }

    private void start() throws MirrorHaltException, InterruptedException {
        Standing found = begin.find();
        rewritten = table.targetStore().head(rewrittenNote).isPresent();
        times.add(MissingTimes.of(table, times.newest().orElse(-1), found.position()));
        reached(found);
    }

    private void reached(Standing found) {
        if (found.version().isPresent()) {
            MirroredVersion version = found.version().get();
            times.add(new TreeMap<>(Map.of(version.version(), version.readersTime())));
            // A table that is stopped for long begins again and again, and is not asked for its versions.
            unannounced.removeIf(known -> known.version() == version.version());
            unannounced.add(version);
        }
        standing = Optional.of(found);
    }

    private Progress follow() throws MirrorHaltException, InterruptedException {
        Instant asOf = clock.instant();
        Standing now = standing.orElseThrow();
        List<LogFile> listed = table.source().listFrom(Math.max(0, now.position() - WINDOW + 1));
        if (!fits(now, listed)) {
            start();
            return new Progress.Moving();
        }
        List<LogFile> fresh = following(now, listed);
        Optional<LogFile> lacking = held.firstLacking(fresh);
        if (lacking.isEmpty()) {
            retention.caughtUp(asOf);
        } else if (now.position() >= 0) {
            retention.behind(lacking.get().info().lastModified());
        }
        List<LogFile> due = held.due(fresh);
        List<RawCommit> batch = batch(due);
        if (!batch.isEmpty()) {
            held.check(batch);
            carry(now, batch, due.subList(batch.size(), due.size()));
        }
        held.hold(fresh.subList(due.size(), fresh.size()));
        held.carriedThrough(position());
        if (!rewritten) {
            extras.carry(
                    listed.stream().filter(file -> !vacuumed.misleads(file)).toList(), position());
        }
        bridge.tidy(position());
        vacuumed.tidy(table, position());
        if (batch.isEmpty()) {
            sweep(asOf);
        }
        return batch.isEmpty() ? new Progress.UpToDate(held.completeAt(asOf)) : new Progress.Moving();
    }

    private void sweep(Instant now) throws InterruptedException {
        if (now.isBefore(nextSweep)) {
            return;
        }
        ReplicaSweep.Outcome outcome = new ReplicaSweep(table, clock).sweep(Set.of());
        if (outcome instanceof ReplicaSweep.Outcome.Swept swept && swept.vacuumed() + swept.orphans() > 0) {
            LOG.info(
                    "asset={} swept: {} files that the source has vacuumed, {} that no version names, {} bytes",
                    table.asset(),
                    swept.vacuumed(),
                    swept.orphans(),
                    swept.bytes());
        }
        nextSweep = now.plus(BETWEEN_SWEEPS);
    }

    private void carry(Standing before, List<RawCommit> batch, List<LogFile> further)
            throws MirrorHaltException, InterruptedException {
        if (!rewritten && batch.stream().anyMatch(RawCommit::isRewritten)) {
            table.targetStore().put(rewrittenNote, "{}".getBytes(StandardCharsets.UTF_8));
            rewritten = true;
        }
        List<CommitCarrier.Carried> carried;
        try {
            carried = carrier.carry(batch, further);
        } catch (MirrorHaltException e) {
            long next = before.position() + 1;
            if (e.isFilesGone()
                    && TableSeed.newest(table.source().listFrom(next)).isPresent()) {
                // What the next versions need can no longer be had: a checkpoint does without.
                OptionalLong there = table.target().newestVersion();
                reached(
                        there.isEmpty()
                                ? begin.seed(table.source().listFrom(0))
                                : begin.cross(next == 0 ? there.getAsLong() : before.position()));
                return;
            }
            throw e;
        }
        NavigableMap<Long, Instant> committed = new TreeMap<>();
        List<MirroredVersion> readable = new ArrayList<>();
        Standing after = before;
        for (CommitCarrier.Carried each : carried) {
            RawCommit commit = each.commit();
            WriterInputs inputs = after.inputs().with(commit.commit().txns());
            after = new Standing(commit.version(), commit.etag(), inputs, Optional.empty());
            committed.put(commit.version(), commit.readersTime());
            if (each.readable()) {
                readable.add(commit.announced(inputs, Optional.of(each.objects()), Optional.empty()));
            }
        }
        // If this fails, the next step carries them again, and finds them there.
        times.add(committed);
        standing = Optional.of(after);
        unannounced.addAll(readable);
    }

    /** A table that was dropped and made again, or whose commit was overwritten, is another table. */
    private static boolean fits(Standing now, List<LogFile> listed) {
        if (now.position() < 0) {
            return true;
        }
        List<LogFile> commits = listed.stream()
                .filter(file -> file.kind() == Kind.COMMIT && file.version() >= now.position())
                .toList();
        return !commits.isEmpty()
                && commits.get(0).version() == now.position()
                && (now.etag().isEmpty()
                        || now.etag().equals(commits.get(0).info().etag()))
                && (commits.size() == 1 || commits.get(1).version() == now.position() + 1);
    }

    /** The commits after the position, up to the first gap. */
    private static List<LogFile> following(Standing now, List<LogFile> listed) throws MirrorHaltException {
        List<LogFile> fresh = listed.stream()
                .filter(file -> file.kind() == Kind.COMMIT && file.version() > now.position())
                .toList();
        for (int i = 0; i < fresh.size(); i++) {
            if (fresh.get(i).version() != now.position() + 1 + i) {
                if (i > 0) {
                    return fresh.subList(0, i);
                }
                throw MirrorHaltException.waiting("the source's log has a gap after version " + now.position()
                        + ": next is " + fresh.get(0).version());
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
                batch.add(RawCommit.read(table, file));
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
        return table.asset() + " at version " + position();
    }
}
