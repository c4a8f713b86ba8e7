package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;

/**
 * A file of state that a snapshot refers to.
 *
 * @param source where it is now
 * @param name its name below the directory of the snapshot's self-contained form
 * @param size in bytes
 * @param whole whether {@code size} is the file's size; else the file holds segments, and is at least that long
 */
public record SnapshotFile(ObjectUri source, String name, long size, boolean whole) {

    /** Whether an object of this many bytes can be the file. */
    public boolean fits(long bytes) {
        return whole ? bytes == size : bytes >= size;
    }
}
