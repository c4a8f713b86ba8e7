package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;
import java.util.Optional;

/**
 * Where a copy of a snapshot has its files.
 *
 * @param directory of the snapshot's {@code _metadata} and of all files that only it refers to
 * @param shared for the files that incremental checkpoints of a job have in common, under names that are the same for
 *     each of them; empty for the self-contained form, which has copies of its own
 */
public record SnapshotLayout(ObjectUri directory, Optional<ObjectUri> shared) {

    public static SnapshotLayout selfContained(ObjectUri directory) {
        return new SnapshotLayout(directory, Optional.empty());
    }

    /** @param file of {@link Snapshot#files(SnapshotLayout)} with this layout */
    public ObjectUri place(SnapshotFile file) {
        return (file.shared() ? shared.orElseThrow() : directory).resolve(file.name());
    }
}
