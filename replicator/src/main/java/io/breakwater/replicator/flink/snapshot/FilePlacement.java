package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filemerging.EmptySegmentFileStateHandle;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.RelativeFileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/**
 * Gives each file of a snapshot a place directly below a target directory, and each handle the form that refers to it
 * there: the self-contained form, which depends on no other snapshot.
 */
final class FilePlacement {

    private final ObjectUri from;
    private final ObjectUri to;
    private final StatePaths paths;
    private final Map<ObjectUri, SnapshotFile> files = new LinkedHashMap<>();
    private final Map<String, Integer> names = new HashMap<>();
    private long inlineBytes;

    /** @param from the snapshot's directory, against which its relative handles count */
    FilePlacement(ObjectUri from, ObjectUri to, StatePaths paths) {
        this.from = from;
        this.to = to;
        this.paths = paths;
    }

    List<SnapshotFile> files() {
        return List.copyOf(files.values());
    }

    /** Bytes of state that lie in the metadata itself. */
    long inlineBytes() {
        return inlineBytes;
    }

    StreamStateHandle place(StreamStateHandle handle) {
        if (handle instanceof ByteStreamStateHandle inline) {
            inlineBytes += inline.getStateSize();
            return handle;
        }
        if (handle instanceof EmptySegmentFileStateHandle) {
            return handle;
        }
        if (handle instanceof SegmentFileStateHandle segment) {
            SnapshotFile file = segmentFile(segment);
            return new SegmentFileStateHandle(
                    path(file),
                    segment.getStartPos(),
                    segment.getStateSize(),
                    segment.getScope(),
                    segment.getLogicalFileId());
        }
        // Subclasses that are not known may carry more than a path.
        if (handle.getClass() == RelativeFileStateHandle.class || handle.getClass() == FileStateHandle.class) {
            SnapshotFile file = wholeFile((FileStateHandle) handle);
            return new RelativeFileStateHandle(path(file), file.name(), file.size());
        }
        throw new UnsupportedSnapshotException(
                "state handle of unknown class " + handle.getClass().getName());
    }

    /** Where a handle's bytes are now. */
    ObjectUri source(FileStateHandle handle) {
        return handle instanceof RelativeFileStateHandle relative
                ? from.resolve(relative.getRelativePath())
                : absolute(handle.getFilePath());
    }

    ObjectUri source(SegmentFileStateHandle handle) {
        return absolute(handle.getFilePath());
    }

    private Path path(SnapshotFile file) {
        return new Path(paths.path(to.resolve(file.name())));
    }

    private ObjectUri absolute(Path path) {
        try {
            return paths.object(path.toString());
        } catch (IllegalArgumentException e) {
            throw new UnsupportedSnapshotException(
                    "state file " + path + " is not in a store that is known: " + e.getMessage(), e);
        }
    }

    private SnapshotFile wholeFile(FileStateHandle handle) {
        ObjectUri source = source(handle);
        String wanted = handle instanceof RelativeFileStateHandle relative
                ? relative.getRelativePath()
                : handle.getFilePath().getName();
        return files.computeIfAbsent(source, s -> new SnapshotFile(s, unusedName(wanted), handle.getStateSize(), true));
    }

    private SnapshotFile segmentFile(SegmentFileStateHandle segment) {
        long end = segment.getStartPos() + segment.getStateSize();
        SnapshotFile file =
                new SnapshotFile(source(segment), segment.getFilePath().getName(), end, false);
        return files.merge(
                file.source(),
                new SnapshotFile(file.source(), nameOf(file), end, false),
                (known, next) -> new SnapshotFile(
                        known.source(), known.name(), Math.max(known.size(), next.size()), known.whole()));
    }

    private String nameOf(SnapshotFile file) {
        SnapshotFile known = files.get(file.source());
        return known == null ? unusedName(file.name()) : known.name();
    }

    private String unusedName(String wanted) {
        int earlier = names.merge(wanted, 1, Integer::sum) - 1;
        return earlier == 0 ? wanted : earlier + "-" + wanted;
    }
}
