package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;

/**
 * A file of state that a snapshot refers to.
 *
 * @param source where it is now
 * @param name its name in the directory where {@link SnapshotLayout} puts it
 * @param size in bytes
 * @param whole whether {@code size} is the file's size; else the file holds segments, and is at least that long
 * @param shared whether other snapshots of the job refer to it too, in a layout that has a place for such files
 */
public record SnapshotFile(ObjectUri source, String name, long size, boolean whole, boolean shared) {

    /** Whether an object of this many bytes can be the file. */
    public boolean fits(long bytes) {
        return whole ? bytes == size : bytes >= size;
    }
}
