package io.breakwater.verification.delta;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.verification.delta.TableReader.UnreadableTableException;
import io.delta.standalone.DeltaLog;
import io.delta.standalone.actions.AddFile;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds the files of a table through Delta Standalone, a reader that shares no code with Delta Kernel. It must be asked
 * only about tables whose raw commits never demanded more than reader version 1: of others it gives wrong answers, or
 * fails without saying why. Stateless.
 */
final class StandaloneReader {

    private final ObjectStore store;
    private final ObjectUri table;

    StandaloneReader(ObjectStore store, ObjectUri table) {
        this.store = store;
        this.table = table;
    }

    /** As {@link TableReader#files}. */
    SortedMap<String, Long> files(long version) throws UnreadableTableException {
        try (StoreFileSystem.Lent lent = StoreFileSystem.lend(store)) {
            SortedMap<String, Long> files = new TreeMap<>();
            for (AddFile file : DeltaLog.forTable(lent.settings(), StoreFileSystem.location(table))
                    .getSnapshotForVersionAsOf(version)
                    .getAllFiles()) {
                files.put(decoded(file.getPath()), file.getSize());
            }
            return files;
        } catch (RuntimeException e) {
            // It has many ways to say that a table is not as it should be, and none of its own for a store that fails.
            throw new UnreadableTableException(table, version, e);
        }
    }

    private static String decoded(String path) {
        try {
            return new URI(path).getPath();
        } catch (URISyntaxException e) {
            // Paths with characters that a URI may not have are written as they are.
            return path;
        }
    }
}
