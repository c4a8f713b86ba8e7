package io.breakwater.replicator.delta;

import io.breakwater.platform.AssetId;
import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.ObjectCopier;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A table and its replica. The stores and the copier stay whoever's made them.
 *
 * @param writer the writer whose input positions its receipts carry
 * @param copier from the source's store to the target's
 * @param share of its data files that is copied first; the rest may be copied by others meanwhile
 */
public record MirroredTable(
        AssetId asset,
        Optional<String> writer,
        DeltaLogFiles source,
        DeltaLogFiles target,
        ObjectStore sourceStore,
        ObjectStore targetStore,
        ObjectCopier copier,
        MirrorPolicy policy,
        FileShare share) {

    /**
     * @param source root of the table
     * @param target root of its replica
     */
    public static MirroredTable of(
            AssetId asset,
            Optional<String> writer,
            ObjectStore sourceStore,
            ObjectUri source,
            ObjectStore targetStore,
            ObjectUri target,
            ObjectCopier copier,
            MirrorPolicy policy) {
        return new MirroredTable(
                asset,
                writer,
                new DeltaLogFiles(sourceStore, source),
                new DeltaLogFiles(targetStore, target),
                sourceStore,
                targetStore,
                copier,
                policy,
                FileShare.WHOLE);
    }

    /** This table with another share. */
    public MirroredTable with(FileShare other) {
        return new MirroredTable(asset, writer, source, target, sourceStore, targetStore, copier, policy, other);
    }

    /** @param path relative to the root of the table */
    CopyJob data(String path, OptionalLong size) {
        return new CopyJob(source.table().resolve(path), target.table().resolve(path), size);
    }

    /** As {@link #data(String, OptionalLong)}, of a commit that may name files of other places. */
    CopyJob data(RawCommit commit, String path, OptionalLong size) {
        return new CopyJob(
                commit.origin(path).orElseGet(() -> source.table().resolve(path)),
                target.table().resolve(path),
                size);
    }

    /** All that a commit names: data files, deletion vectors and change data. */
    Set<CopyJob> data(RawCommit commit) {
        Set<CopyJob> jobs = new LinkedHashSet<>();
        for (DataFile add : commit.commit().adds()) {
            jobs.add(data(commit, add.path(), add.size()));
            add.deletionVector().ifPresent(vector -> jobs.add(data(commit, vector.path(), OptionalLong.empty())));
        }
        commit.commit().changes().forEach(change -> jobs.add(data(commit, change.path(), change.size())));
        return jobs;
    }

    /** @param name below the log's folder */
    CopyJob log(String name, OptionalLong size) {
        return new CopyJob(source.file(name), target.file(name), size);
    }
}
