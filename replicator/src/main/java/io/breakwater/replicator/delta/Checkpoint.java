package io.breakwater.replicator.delta;

import io.breakwater.region.LogFile;
import io.breakwater.region.LogFile.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A checkpoint of which every part was listed.
 *
 * @param parts one file, or all parts of a multi-part checkpoint in their order
 */
record Checkpoint(long version, List<LogFile> parts) {

    /** The complete ones among log files, oldest first; a version may have several. */
    static List<Checkpoint> among(Collection<LogFile> listed) {
        List<Checkpoint> complete = new ArrayList<>();
        SortedMap<Long, SortedMap<Integer, List<LogFile>>> multipart = new TreeMap<>();
        for (LogFile file : listed) {
            if (file.kind() == Kind.CHECKPOINT && file.parts() == 1) {
                complete.add(new Checkpoint(file.version(), List.of(file)));
            } else if (file.kind() == Kind.CHECKPOINT) {
                multipart
                        .computeIfAbsent(file.version(), v -> new TreeMap<>())
                        .computeIfAbsent(file.parts(), n -> new ArrayList<>())
                        .add(file);
            }
        }
        multipart.forEach((version, byCount) -> byCount.forEach((count, parts) -> {
            if (parts.size() == count) {
                complete.add(new Checkpoint(version, List.copyOf(parts)));
            }
        }));
        complete.sort(Comparator.comparingLong(Checkpoint::version));
        return complete;
    }
}
