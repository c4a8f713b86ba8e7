package io.breakwater.replicator.flink.snapshot;

import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.SnapshotFile.Extent;
import java.nio.charset.StandardCharsets;
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
import org.apache.flink.shaded.guava33.com.google.common.hash.Hashing;

/**
 * Gives each file of a snapshot its place in a layout, and each handle the form that refers to it there: relative to the
 * snapshot's directory, or absolute for a file that lies elsewhere.
 */
final class FilePlacement {

    private final ObjectUri from;
    private final SnapshotLayout to;
    private final StatePaths paths;
    private final Map<ObjectUri, SnapshotFile> files = new LinkedHashMap<>();
    private final Map<String, Integer> names = new HashMap<>();
    private long inlineBytes;

    /** @param from the snapshot's directory, against which its relative handles count */
    FilePlacement(ObjectUri from, SnapshotLayout to, StatePaths paths) {
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

    /** A file that only this snapshot refers to, as far as is known. */
    StreamStateHandle place(StreamStateHandle handle) {
        return place(handle, false);
    }

    /** A file that the job's next incremental checkpoint may refer to as well. */
    StreamStateHandle placeShared(StreamStateHandle handle) {
        return place(handle, to.shared().isPresent());
    }

    /**
     * A file that Flink itself writes into the metadata of later checkpoints of a job that claims this snapshot: by an
     * absolute path, because a relative one would mean another file there.
     */
    StreamStateHandle placeLasting(StreamStateHandle handle) {
        if (!isFile(handle)) {
            return place(handle);
        }
        SnapshotFile file = lastingFile((FileStateHandle) handle, Extent.WHOLE);
        return new FileStateHandle(path(file), file.size());
    }

    /** As above, a file with changes of a changelog, to which several handles point at offsets of their own. */
    StreamStateHandle placeChanges(StreamStateHandle handle) {
        if (!isFile(handle)) {
            return place(handle);
        }
        SnapshotFile file = lastingFile((FileStateHandle) handle, Extent.CHANGES);
        return new FileStateHandle(path(file), file.size());
    }

    private StreamStateHandle place(StreamStateHandle handle, boolean shared) {
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
        if (shared && handle.getClass() == FileStateHandle.class) {
            SnapshotFile file = sharedFile((FileStateHandle) handle, Extent.WHOLE);
            return new FileStateHandle(path(file), file.size());
        }
        if (isFile(handle)) {
            SnapshotFile file = ownFile((FileStateHandle) handle, Extent.WHOLE);
            return new RelativeFileStateHandle(path(file), file.name(), file.size());
        }
        throw new UnsupportedSnapshotException(
                "state handle of unknown class " + handle.getClass().getName());
    }

    /** Subclasses that are not known may carry more than a path. */
    private static boolean isFile(StreamStateHandle handle) {
        return handle.getClass() == RelativeFileStateHandle.class || handle.getClass() == FileStateHandle.class;
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
        return new Path(paths.path(to.place(file)));
    }

    private ObjectUri absolute(Path path) {
        try {
            return paths.object(path.toString());
        } catch (IllegalArgumentException e) {
            throw new UnsupportedSnapshotException(
                    "state file " + path + " is not in a store that is known: " + e.getMessage(), e);
        }
    }

    private SnapshotFile lastingFile(FileStateHandle handle, Extent extent) {
        return to.shared().isPresent() && handle.getClass() == FileStateHandle.class
                ? sharedFile(handle, extent)
                : ownFile(handle, extent);
    }

    private SnapshotFile ownFile(FileStateHandle handle, Extent extent) {
        ObjectUri source = source(handle);
        String wanted = handle instanceof RelativeFileStateHandle relative
                ? relative.getRelativePath()
                : handle.getFilePath().getName();
        return files.computeIfAbsent(
                source, s -> new SnapshotFile(s, unusedName(wanted), handle.getStateSize(), extent, false));
    }

    /** Its name says where it comes from: the same file has the same name in each snapshot, and no other file has it. */
    private SnapshotFile sharedFile(FileStateHandle handle, Extent extent) {
        ObjectUri source = source(handle);
        String from = Hashing.murmur3_128(0)
                .hashString(source.toString(), StandardCharsets.UTF_8)
                .toString();
        String name = from + "-" + handle.getFilePath().getName();
        return files.computeIfAbsent(source, s -> new SnapshotFile(s, name, handle.getStateSize(), extent, true));
    }

    private SnapshotFile segmentFile(SegmentFileStateHandle segment) {
        long end = segment.getStartPos() + segment.getStateSize();
        SnapshotFile file =
                new SnapshotFile(source(segment), segment.getFilePath().getName(), end, Extent.SEGMENTS, false);
        return files.merge(
                file.source(),
                new SnapshotFile(file.source(), nameOf(file), end, Extent.SEGMENTS, false),
                (known, next) -> new SnapshotFile(
                        known.source(), known.name(), Math.max(known.size(), next.size()), known.extent(), false));
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
