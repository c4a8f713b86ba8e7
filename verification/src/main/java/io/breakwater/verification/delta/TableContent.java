package io.breakwater.verification.delta;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a reader finds in a table at a version.
 *
 * @param files size in bytes by path relative to the table's root, of the files that the version consists of
 * @param rows that a reader gets
 * @param digest of the rows, whatever their order: equal digests mean equal rows, duplicates counted
 */
public record TableContent(long version, SortedMap<String, Long> files, long rows, String digest) {

    public TableContent {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    public long bytes() {
        return files.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Whether the rows are the same. */
    public boolean sameRows(TableContent other) {
        return rows == other.rows && digest.equals(other.digest);
    }
}
