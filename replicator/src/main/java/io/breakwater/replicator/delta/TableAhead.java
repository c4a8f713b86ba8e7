package io.breakwater.replicator.delta;

import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Copies a share of a table's data files ahead of the task that has the table, so that this one finds them there. It
 * follows the source's log by itself and puts nothing into the replica's: what it copies is part of no version until
 * the table's own task has looked at each file and put the commit. So nothing depends on it, and nobody waits for it.
 *
 * <p>It goes no more than {@value #MOST_AHEAD} versions ahead: of a table that stands still it does not copy on and on.
 * For one thread.
 */
public final class TableAhead {

    private static final int MOST_AHEAD = 64;
    private static final int BATCH_COMMITS = 16;

    private final MirroredTable table;
    private final Clock clock;
    private final CheckpointReader checkpoints;
    private OptionalLong position = OptionalLong.empty();
    private long published = -1;

    /** @param table with the share that is to be copied */
    public TableAhead(MirroredTable table, Clock clock) {
        this.table = table;
        this.clock = clock;
        this.checkpoints = new CheckpointReader(table.sourceStore(), table.source());
    }

    public MirroredTable table() {
        return table;
    }

    /** Goes on as far as one step goes: blocks while it copies. */
    public Progress advance() throws InterruptedException {
        try {
            if (position.isEmpty()) {
                position = OptionalLong.of(begin());
            }
            return follow(position.getAsLong());
        } catch (MirrorHaltException e) {
            position = OptionalLong.empty();
            return e.progress();
        } catch (ObjectStoreException e) {
            return new Progress.Waiting(String.valueOf(e.getMessage()));
        }
    }

    /** @return the version of which the files are there, or are being copied by the shares */
    private long begin() throws MirrorHaltException, InterruptedException {
        OptionalLong replica = table.target().newestVersion();
        published = replica.orElse(-1);
        if (replica.isPresent()) {
            return replica.getAsLong();
        }
        List<LogFile> listed = table.source().listFrom(0);
        Optional<LogFile> first =
                listed.stream().filter(file -> file.kind() == Kind.COMMIT).findFirst();
        if (first.isEmpty()) {
            throw MirrorHaltException.waiting(
                    "no Delta table at " + table.source().table() + " yet");
        }
        if (first.get().version() == 0) {
            return -1;
        }
        published = TableSeed.newestReadable(
                listed, "the log of " + table.source().table() + " has nothing to seed from", base -> {
                    checkpoints.read(base.checkpoint(), actions -> {
                        Set<CopyJob> jobs = new LinkedHashSet<>();
                        actions.adds().forEach(file -> {
                            jobs.add(table.data(file.path(), file.size()));
                            file.deletionVector()
                                    .ifPresent(vector -> jobs.add(table.data(vector.path(), OptionalLong.empty())));
                        });
                        copy(jobs);
                    });
                    return base.checkpoint().version();
                });
        return published;
    }

    private Progress follow(long after) throws MirrorHaltException, InterruptedException {
        Instant asOf = clock.instant();
        List<LogFile> fresh = table.source().commitsAfter(after);
        if (fresh.isEmpty()) {
            return new Progress.UpToDate(asOf);
        }
        published = Math.max(published, table.target().newestVersion().orElse(-1));
        if (published > after) {
            // It was slower than the table's own task: what that has put is there.
            position = OptionalLong.of(published);
            return new Progress.Moving();
        }
        int carried = 0;
        for (LogFile file : fresh) {
            long version = after + 1 + carried;
            if (file.version() != version) {
                throw MirrorHaltException.waiting("the source's log has a gap before version " + file.version());
            }
            if (carried == BATCH_COMMITS || version > published + MOST_AHEAD) {
                break;
            }
            copy(table.data(RawCommit.read(table, file)));
            position = OptionalLong.of(version);
            carried++;
        }
        return carried > 0 ? new Progress.Moving() : new Progress.UpToDate(asOf);
    }

    private void copy(Set<CopyJob> jobs) throws MirrorHaltException, InterruptedException {
        String log = table.target().file("").key();
        List<CopyJob> own = table.share().own(jobs).stream()
                .filter(job -> !job.to().key().startsWith(log))
                .toList();
        for (CopyOutcome outcome :
                own.isEmpty() ? List.<CopyOutcome>of() : table.copier().copy(own)) {
            if (outcome instanceof CopyOutcome.Failed failed) {
                throw MirrorHaltException.waiting(failed.reason());
            }
        }
    }
}
