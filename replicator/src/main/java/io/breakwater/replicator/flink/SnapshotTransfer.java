package io.breakwater.replicator.flink;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.CopyOutcome;
import io.breakwater.replicator.copy.ObjectCopier;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotFile;
import io.breakwater.replicator.flink.snapshot.SnapshotLayout;
import io.breakwater.replicator.flink.snapshot.StateReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Brings files to the standby's store, and reads them there. For one thread. */
final class SnapshotTransfer {

    private final ObjectStore source;
    private final ObjectStore standby;
    private final ObjectCopier copier;
    private final String job;

    /** @param copier from {@code source} to {@code standby} */
    SnapshotTransfer(ObjectStore source, ObjectStore standby, ObjectCopier copier, String job) {
        this.source = source;
        this.standby = standby;
        this.copier = copier;
        this.job = job;
    }

    /** @param moved bytes that travelled, of {@code all} */
    record Moved(long moved, long all) {}

    void jar(ObjectUri from, ObjectUri to) throws SnapshotAbandonedException, InterruptedException {
        Optional<ObjectInfo> jar = source.head(from);
        Optional<ObjectInfo> there = standby.head(to);
        if (jar.isEmpty()) {
            throw new SnapshotAbandonedException("jar " + from + " of job " + job + " is not there");
        }
        if (there.map(ObjectInfo::size).equals(jar.map(ObjectInfo::size))
                && there.map(ObjectInfo::etag).equals(jar.map(ObjectInfo::etag))) {
            return;
        }
        if (there.isPresent()) {
            // A new build of the job under the old name: the copier never replaces what differs.
            standby.delete(to);
        }
        arrived(List.of(new CopyJob(from, to, OptionalLong.of(jar.get().size()))));
    }

    /** The metadata of a snapshot of the source. */
    byte[] metadata(ObjectUri location) throws SnapshotAbandonedException {
        return source.get(location.resolve(Snapshot.METADATA))
                .orElseThrow(() -> new SnapshotAbandonedException("snapshot " + location + " of job " + job
                        + " is gone: Flink retains too few for the time that copying takes, see"
                        + " execution.checkpointing.num-retained"));
    }

    /**
     * Copies each file to its place. Shared ones that are there already do not travel: their names say what they hold.
     * The others go first, because Flink deletes them first.
     *
     * @throws SnapshotAbandonedException if one does not arrive, as when Flink has deleted it meanwhile
     */
    Moved files(List<SnapshotFile> files, SnapshotLayout layout)
            throws SnapshotAbandonedException, InterruptedException {
        Map<ObjectUri, Long> there = new HashMap<>();
        if (layout.shared().isPresent()) {
            standby.list(layout.shared().get().resolve("")).forEach(object -> there.put(object.uri(), object.size()));
        }
        List<CopyJob> own = new ArrayList<>();
        List<CopyJob> shared = new ArrayList<>();
        for (SnapshotFile file : files) {
            ObjectUri place = layout.place(file);
            Long known = there.get(place);
            if (file.shared() && known != null && file.hasLength(known)) {
                continue;
            }
            (file.shared() ? shared : own)
                    .add(new CopyJob(
                            file.source(), place, file.whole() ? OptionalLong.of(file.size()) : OptionalLong.empty()));
        }
        return new Moved(
                arrived(own) + arrived(shared),
                files.stream().mapToLong(SnapshotFile::size).sum());
    }

    /** Reads what has been copied: the source may have deleted it by now. */
    StateReader reader(List<SnapshotFile> files, SnapshotLayout layout) {
        Map<ObjectUri, ObjectUri> places = new HashMap<>();
        files.forEach(file -> places.put(file.source(), layout.place(file)));
        return (file, offset, length) -> standby.get(places.getOrDefault(file, file), offset, length);
    }

    void checkComplete(Snapshot rewritten) throws SnapshotAbandonedException {
        for (SnapshotFile file : rewritten.files()) {
            Optional<ObjectInfo> there = standby.head(file.source());
            if (there.isEmpty() || !file.fits(there.get().size(), standby::get)) {
                throw new SnapshotAbandonedException("job " + job + ": file " + file.source() + " of " + file.size()
                        + " bytes: on the standby is "
                        + there.map(info -> info.size() + " bytes").orElse("nothing"));
            }
        }
    }

    private long arrived(List<CopyJob> jobs) throws SnapshotAbandonedException, InterruptedException {
        List<CopyOutcome> outcomes = copier.copy(jobs);
        long moved = 0;
        for (int i = 0; i < jobs.size(); i++) {
            if (!(outcomes.get(i) instanceof CopyOutcome.Arrived)) {
                throw new SnapshotAbandonedException(
                        "job " + job + ": copy of " + jobs.get(i).from() + ": " + outcomes.get(i));
            }
            if (outcomes.get(i) instanceof CopyOutcome.Copied copied) {
                moved += copied.size();
            }
        }
        return moved;
    }
}
