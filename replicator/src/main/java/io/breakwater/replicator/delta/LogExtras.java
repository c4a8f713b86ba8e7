package io.breakwater.replicator.delta;

import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The files of a log that readers can do without: checksums, compactions, checkpoints and the hint to the newest of
 * these. They follow the commits that they sum up; a checkpoint's sidecars come before it, its parts together, and the
 * hint last.
 */
final class LogExtras {

    private final MirroredTable table;
    private final CheckpointReader checkpoints;
    private final Set<String> done = new HashSet<>();
    private String hintEtag = "";

    LogExtras(MirroredTable table) {
        this.table = table;
        this.checkpoints = new CheckpointReader(table.sourceStore(), table.source());
    }

    /**
     * @param listed of the source, the newest part of its log
     * @param position the newest version on the target
     */
    void carry(List<LogFile> listed, long position) throws MirrorHaltException, InterruptedException {
        List<LogFile> ready =
                listed.stream().filter(file -> file.lastVersion() <= position).toList();
        List<CopyJob> small = new ArrayList<>();
        for (LogFile file : ready) {
            if ((file.kind() == Kind.CHECKSUM || file.kind() == Kind.COMPACTION) && !done.contains(file.name())) {
                small.add(table.log(file.name(), OptionalLong.of(file.info().size())));
            }
        }
        copy(small);
        for (Checkpoint checkpoint : Checkpoint.among(ready)) {
            carry(checkpoint);
        }
        hint(position);
        done.retainAll(listed.stream().map(LogFile::name).toList());
    }

    /**
     * Copies a checkpoint, whose version is on the target or about to be.
     *
     * @return false if the source no longer has all of it
     */
    boolean carry(Checkpoint checkpoint) throws MirrorHaltException, InterruptedException {
        if (checkpoint.parts().stream().allMatch(part -> done.contains(part.name()))) {
            return true;
        }
        List<CopyJob> sidecars = new ArrayList<>();
        for (DataFile sidecar : checkpoints.sidecars(checkpoint)) {
            sidecars.add(table.log("_sidecars/" + sidecar.path(), sidecar.size()));
        }
        return copy(sidecars)
                && copy(checkpoint.parts().stream()
                        .map(part -> table.log(
                                part.name(), OptionalLong.of(part.info().size())))
                        .toList());
    }

    private void hint(long position) throws MirrorHaltException, InterruptedException {
        ObjectUri hint = table.source().lastCheckpointFile();
        Optional<ObjectInfo> info = table.source().head(hint);
        if (info.isEmpty() || info.get().etag().equals(hintEtag)) {
            return;
        }
        Optional<byte[]> bytes = table.sourceStore().get(hint);
        OptionalLong version = bytes.map(DeltaLogFiles::hintedVersion).orElseGet(OptionalLong::empty);
        if (version.isEmpty() || version.getAsLong() > position) {
            return;
        }
        List<LogFile> ofVersion = table.source().listFrom(version.getAsLong()).stream()
                .filter(file -> file.version() == version.getAsLong())
                .toList();
        boolean whole = false;
        for (Checkpoint checkpoint : Checkpoint.among(ofVersion)) {
            whole |= carry(checkpoint);
        }
        if (!whole) {
            return;
        }
        table.targetStore().put(table.target().lastCheckpointFile(), bytes.orElseThrow());
        hintEtag = info.get().etag();
    }

    /** @return false if the source no longer has one of them: these files may go at any time */
    private boolean copy(List<CopyJob> jobs) throws MirrorHaltException, InterruptedException {
        boolean complete = true;
        List<CopyOutcome> outcomes = table.copier().copy(jobs);
        for (int i = 0; i < jobs.size(); i++) {
            CopyOutcome outcome = outcomes.get(i);
            if (outcome instanceof CopyOutcome.Failed failed) {
                throw MirrorHaltException.waiting(failed.reason());
            }
            // Different: two writers made the same checkpoint, each right; the one that is there stays.
            complete &= !(outcome instanceof CopyOutcome.SourceMissing);
            String key = jobs.get(i).from().key();
            done.add(key.substring(key.lastIndexOf('/') + 1));
        }
        return complete;
    }
}
