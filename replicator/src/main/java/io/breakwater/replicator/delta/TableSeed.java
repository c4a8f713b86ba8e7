package io.breakwater.replicator.delta;

import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Makes a replica where there is none, from a checkpoint of the source: its live files, the checkpoint, and the
 * commit of its version last, which is what makes the replica a table.
 */
final class TableSeed {

    private final MirroredTable table;
    private final CheckpointReader checkpoints;

    TableSeed(MirroredTable table) {
        this.table = table;
        this.checkpoints = new CheckpointReader(table.sourceStore(), table.source());
    }

    /** A checkpoint of which the commit is there too. */
    record Base(Checkpoint checkpoint, LogFile commit) {}

    /** @param listed log files of the source, ascending */
    static Optional<Base> newest(List<LogFile> listed) {
        return bases(listed).stream().findFirst();
    }

    private static List<Base> bases(List<LogFile> listed) {
        List<Base> bases = new ArrayList<>();
        List<Checkpoint> complete = Checkpoint.among(listed);
        for (int i = complete.size() - 1; i >= 0; i--) {
            Checkpoint checkpoint = complete.get(i);
            listed.stream()
                    .filter(file -> file.kind() == Kind.COMMIT && file.version() == checkpoint.version())
                    .findFirst()
                    .ifPresent(commit -> bases.add(new Base(checkpoint, commit)));
        }
        return bases;
    }

    /** What is begun from a checkpoint. */
    interface Beginning<T> {
        T from(Base base) throws MirrorHaltException, InterruptedException;
    }

    /**
     * Begins from the newest checkpoint that can be read; the commits since an older one are carried after it.
     *
     * @param listed log files of the source, ascending
     * @param none what is to be said if there is no checkpoint
     */
    static <T> T newestReadable(List<LogFile> listed, String none, Beginning<T> beginning)
            throws MirrorHaltException, InterruptedException {
        Optional<MirrorHaltException> broken = Optional.empty();
        for (Base base : bases(listed)) {
            try {
                return beginning.from(base);
            } catch (MirrorHaltException e) {
                if (!e.isCheckpointBroken()) {
                    throw e;
                }
                broken = broken.or(() -> Optional.of(e));
            }
        }
        throw broken.orElseGet(() -> MirrorHaltException.waiting(none));
    }

    /** What was seeded. */
    record Seeded(RawCommit commit, WriterInputs inputs) {}

    Seeded from(Base base, LogExtras extras) throws MirrorHaltException, InterruptedException {
        RawCommit commit = RawCommit.read(table, base.commit());
        WriterInputs inputs = copyLive(base.checkpoint());
        if (!extras.carry(base.checkpoint())) {
            throw MirrorHaltException.waiting("checkpoint " + base.checkpoint().version() + " of "
                    + table.source().table() + " is being removed");
        }
        if (table.targetStore().putIfAbsent(table.target().commitFile(commit.version()), commit.bytes())
                == PutOutcome.EXISTS) {
            byte[] there = table.target().commit(commit.version()).orElse(new byte[0]);
            if (!Arrays.equals(there, commit.bytes())) {
                throw CommitPuts.fork(commit.version(), commit.bytes(), there);
            }
        }
        return new Seeded(commit, inputs);
    }

    /** Copies the files that the table consists of at a checkpoint. */
    WriterInputs copyLive(Checkpoint checkpoint) throws MirrorHaltException, InterruptedException {
        WriterInputs[] inputs = {WriterInputs.NONE};
        checkpoints.read(checkpoint, actions -> {
            inputs[0] = inputs[0].with(actions.txns());
            copyLive(actions.adds());
        });
        return inputs[0];
    }

    private void copyLive(List<DataFile> files) throws MirrorHaltException, InterruptedException {
        List<CopyJob> jobs = new ArrayList<>();
        for (DataFile file : files) {
            jobs.add(table.data(file.path(), file.size()));
            file.deletionVector().ifPresent(vector -> jobs.add(table.data(vector.path(), OptionalLong.empty())));
        }
        List<CopyJob> distinct = table.share().ownFirst(new LinkedHashSet<>(jobs));
        List<CopyOutcome> outcomes = table.copier().copy(distinct);
        for (int i = 0; i < distinct.size(); i++) {
            if (!(outcomes.get(i) instanceof CopyOutcome.Arrived)) {
                throw MirrorHaltException.waiting(
                        "seed: " + distinct.get(i).from() + " did not arrive: " + outcomes.get(i));
            }
        }
    }
}
