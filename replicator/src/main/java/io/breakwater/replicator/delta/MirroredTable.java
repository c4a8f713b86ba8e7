package io.breakwater.replicator.delta;

import io.breakwater.platform.AssetId;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.copy.CopyJob;
import io.breakwater.replicator.copy.ObjectCopier;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A table and its replica.
 *
 * @param writer the writer whose input positions its receipts carry
 * @param copier from the source's store to the target's
 */
record MirroredTable(
        AssetId asset,
        Optional<String> writer,
        DeltaLogFiles source,
        DeltaLogFiles target,
        ObjectStore sourceStore,
        ObjectStore targetStore,
        ObjectCopier copier) {

    static MirroredTable of(
            AssetId asset,
            Optional<String> writer,
            ObjectStore sourceStore,
            ObjectUri source,
            ObjectStore targetStore,
            ObjectUri target,
            ObjectCopier copier) {
        return new MirroredTable(
                asset,
                writer,
                new DeltaLogFiles(sourceStore, source),
                new DeltaLogFiles(targetStore, target),
                sourceStore,
                targetStore,
                copier);
    }

    /** @param path relative to the root of the table */
    CopyJob data(String path, OptionalLong size) {
        return new CopyJob(source.table().resolve(path), target.table().resolve(path), size);
    }

    /** @param name below the log's folder */
    CopyJob log(String name, OptionalLong size) {
        return new CopyJob(source.file(name), target.file(name), size);
    }
}
