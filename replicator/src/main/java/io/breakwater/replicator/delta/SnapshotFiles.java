package io.breakwater.replicator.delta;

import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaCommit.DataFile;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;

/** The objects that a version of a table consists of: data files and deletion vectors. */
final class SnapshotFiles {

    /** Beyond so many one listing of the table is cheaper than a question for each. */
    private static final int ASKED_ONE_BY_ONE = 1000;

    /** @param size of a data file the very size; of deletion vectors the least */
    private record Needed(OptionalLong size, long least) {}

    private final Map<String, Needed> needed = new TreeMap<>();

    private SnapshotFiles() {}

    /** @throws MirrorHaltException if a file can't be said to belong to the table */
    static SnapshotFiles of(TableState state) throws MirrorHaltException {
        SnapshotFiles files = new SnapshotFiles();
        StringBuilder lines = new StringBuilder("{}\n");
        state.files().forEach(file -> lines.append(TableState.line("add", file)).append('\n'));
        CommitContent content = DeltaCommit.parse(lines.toString().getBytes(StandardCharsets.UTF_8));
        if (content instanceof CommitContent.Refused refused) {
            throw MirrorHaltException.stopped(refused.detail());
        }
        files.include(((CommitContent.Actions) content).commit().adds());
        return files;
    }

    /** These files too, and their deletion vectors. */
    void include(List<DataFile> adds) {
        for (DataFile file : adds) {
            needed.put(file.path(), new Needed(file.size(), 0));
            file.deletionVector()
                    .ifPresent(vector -> needed.merge(
                            vector.path(),
                            new Needed(OptionalLong.empty(), vector.end()),
                            (one, other) -> new Needed(OptionalLong.empty(), Math.max(one.least(), other.least()))));
        }
    }

    /** Paths relative to the table's root, with sizes in bytes where these are known. */
    Map<String, OptionalLong> paths() {
        Map<String, OptionalLong> paths = new TreeMap<>();
        needed.forEach((path, file) -> paths.put(path, file.size()));
        return paths;
    }

    /** Those that are not there as they must be, each with what is wrong. */
    List<String> missing(ObjectStore store, ObjectUri table) {
        return List.copyOf(lacking(store, table).values());
    }

    /** The paths of those that are not there as they must be, each with what is wrong. */
    Map<String, String> lacking(ObjectStore store, ObjectUri table) {
        Function<String, Optional<ObjectInfo>> look = path -> store.head(table.resolve(path));
        if (needed.size() > ASKED_ONE_BY_ONE) {
            Map<String, ObjectInfo> listed = new TreeMap<>();
            String prefix = table.resolve("").key();
            store.list(new ObjectUri(table.bucket(), prefix))
                    .forEach(info -> listed.put(info.uri().key().substring(prefix.length()), info));
            look = path -> Optional.ofNullable(listed.get(path));
        }
        Map<String, String> missing = new TreeMap<>();
        for (Map.Entry<String, Needed> file : needed.entrySet()) {
            Optional<ObjectInfo> there = look.apply(file.getKey());
            if (there.isEmpty()) {
                missing.put(file.getKey(), file.getKey());
            } else {
                long size = there.get().size();
                if (file.getValue().size().orElse(size) != size
                        || size < file.getValue().least()) {
                    missing.put(file.getKey(), file.getKey() + " (another one of " + size + " bytes is there)");
                }
            }
        }
        return missing;
    }
}
