package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;

/**
 * A file of state that a snapshot refers to.
 *
 * @param source where it is now
 * @param name its name in the directory where {@link SnapshotLayout} puts it
 * @param size in bytes, as the metadata has it
 * @param extent what {@code size} says of the file's length
 * @param shared whether other snapshots of the job refer to it too, in a layout that has a place for such files
 */
public record SnapshotFile(ObjectUri source, String name, long size, Extent extent, boolean shared) {

    /** How long a file of a size is. */
    public enum Extent {
        /** Just as long. */
        WHOLE,
        /** At least that long: the file holds segments of which not all are this snapshot's. */
        SEGMENTS,
        /**
         * The file holds changes of a changelog, {@code size} bytes of them before they are compressed. Compressed or not,
         * a byte that says so comes first.
         */
        CHANGES
    }

    /** Whether {@code size} is the file's size. */
    public boolean whole() {
        return extent == Extent.WHOLE;
    }

    /** Whether an object of this many bytes is the file for sure, without a look into it. */
    public boolean hasLength(long bytes) {
        return switch (extent) {
            case WHOLE -> bytes == size;
            case SEGMENTS -> false;
            case CHANGES -> bytes == ChangeFile.FLAG_BYTES + size;
        };
    }

    /**
     * Whether an object of this many bytes can be the file.
     *
     * @param reader of the object, as a whole, if it holds changes and has not the length of changes as they are
     */
    public boolean fits(long bytes, StateReader reader) {
        return switch (extent) {
            case WHOLE -> bytes == size;
            case SEGMENTS -> bytes >= size;
            case CHANGES ->
                hasLength(bytes)
                        || reader.read(source, 0, Math.toIntExact(bytes))
                                .filter(content -> ChangeFile.holds(size, content))
                                .isPresent();
        };
    }
}
