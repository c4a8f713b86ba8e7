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
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * The files of a log that readers can do without: checksums, compactions, checkpoints and the hint to the newest of
 * these. They follow the commits that they sum up; a checkpoint's sidecars come before it, its parts together, and the
 * hint last. A checkpoint that can't be read is left out, and said: the commits that it sums up are there.
 */
final class LogExtras {

    /** How many are remembered, so as not to be read again. */
    private static final int MOST_BROKEN = 20;

    private final MirroredTable table;
    private final CheckpointReader checkpoints;
    private final Set<String> done = new HashSet<>();
    private final NavigableMap<Long, Broken> broken = new TreeMap<>();
    private String hintEtag = "";
    private long newestWhole = -1;

    /** @param parts names and tags of what was found broken: others may be right */
    private record Broken(List<String> parts, String reason) {}

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
            carryReadable(checkpoint);
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

    private boolean carryReadable(Checkpoint checkpoint) throws MirrorHaltException, InterruptedException {
        List<String> parts = checkpoint.parts().stream()
                .map(part -> part.name() + part.info().etag())
                .toList();
        Broken known = broken.get(checkpoint.version());
        if (known != null && known.parts().equals(parts)) {
            return false;
        }
        try {
            boolean whole = carry(checkpoint);
            newestWhole = whole ? Math.max(newestWhole, checkpoint.version()) : newestWhole;
            return whole;
        } catch (MirrorHaltException e) {
            if (!e.isCheckpointBroken()) {
                throw e;
            }
            broken.put(checkpoint.version(), new Broken(parts, String.valueOf(e.getMessage())));
            while (broken.size() > MOST_BROKEN) {
                broken.pollFirstEntry();
            }
            return false;
        }
    }

    /** Why the newest checkpoint was left out, if it was, and none has come since. */
    Optional<String> leftOut() {
        return Optional.ofNullable(broken.lastEntry())
                .filter(newest -> newest.getKey() > newestWhole)
                .map(newest -> "checkpoint " + newest.getKey() + " of the source is broken and is not carried: "
                        + newest.getValue().reason());
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
            whole |= carryReadable(checkpoint);
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
