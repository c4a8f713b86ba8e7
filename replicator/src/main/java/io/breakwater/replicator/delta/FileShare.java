package io.breakwater.replicator.delta;

import io.breakwater.replicator.copy.CopyJob;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A part of a table's data files, told by their keys: every file is in exactly one of the shares of a table, whoever
 * asks.
 *
 * @param index from 0 on; 0 is the share of the task that has the table
 * @param of how many shares there are
 */
public record FileShare(int index, int of) {

    /** All files. */
    public static final FileShare WHOLE = new FileShare(0, 1);

    public FileShare {
        if (index < 0 || index >= of) {
            throw new IllegalArgumentException("share " + index + " of " + of);
        }
    }

    /** @param key below the replica's bucket */
    boolean has(String key) {
        // The last characters of names such as part-00001-….parquet are alike: their bits are mixed.
        int hash = key.hashCode() * 0x9E3779B9;
        return Math.floorMod(hash >>> 8, of) == index;
    }

    /** Those of the share first: while they are copied, others may copy the rest. */
    List<CopyJob> ownFirst(Collection<CopyJob> jobs) {
        return jobs.stream()
                .sorted(Comparator.comparing((CopyJob job) -> !has(job.to().key())))
                .toList();
    }

    /** Those of the share alone. */
    List<CopyJob> own(Collection<CopyJob> jobs) {
        return jobs.stream().filter(job -> has(job.to().key())).toList();
    }
}
