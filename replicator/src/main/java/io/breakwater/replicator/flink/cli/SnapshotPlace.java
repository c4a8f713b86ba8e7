package io.breakwater.replicator.flink.cli;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.DirectoryStore;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.StatePaths;
import io.breakwater.replicator.flink.snapshot.UnsupportedSnapshotException;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where a snapshot lies or is to lie, as the command line names it.
 *
 * @param directory of the snapshot, in the store
 * @param paths what its metadata calls objects of the store
 * @param url for people, and for Flink
 * @param endpoint of the store, if it is S3's and not AWS's own
 */
record SnapshotPlace(ObjectStore store, ObjectUri directory, StatePaths paths, String url, Optional<URI> endpoint)
        implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** Names that no bucket can have. */
    private static final String SOURCE_FILES = "file_source";

    private static final String TARGET_FILES = "file_target";

    /** A snapshot to read. A checkpoint's files may be anywhere, so a file's store is the whole file system. */
    static SnapshotPlace source(String text, Supplier<ObjectStoreSite> site) {
        String place = trimmed(text);
        return inS3(place) ? s3(place, site) : folder(folder(place).getRoot(), folder(place), SOURCE_FILES);
    }

    /** A snapshot to write: only its folder's parent is touched. */
    static SnapshotPlace target(String text, Supplier<ObjectStoreSite> site) {
        String place = trimmed(text);
        if (inS3(place)) {
            return s3(place, site);
        }
        Path folder = folder(place);
        Path parent = folder.getParent();
        if (parent == null) {
            throw new NotDoneException("'" + text + "': a snapshot is a folder below the root");
        }
        return folder(parent, folder, TARGET_FILES);
    }

    private static String trimmed(String text) {
        return text.replaceFirst("/+$", "").replaceFirst("/" + Snapshot.METADATA + "$", "");
    }

    private static boolean inS3(String place) {
        return place.matches("s3a?://.*");
    }

    private static SnapshotPlace s3(String place, Supplier<ObjectStoreSite> site) {
        ObjectUri directory = ObjectUri.parse(place);
        ObjectStoreSite at = site.get();
        return new SnapshotPlace(
                S3ObjectStore.connect(at, TIMEOUT), directory, StatePaths.S3, directory.toString(), at.endpoint());
    }

    private static Path folder(String place) {
        if (place.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*") && !place.startsWith("file:")) {
            throw new NotDoneException(
                    "'" + place + "': expected s3://bucket/path, file:///path, or a path; other stores are not known");
        }
        String path =
                place.startsWith("file:") ? place.substring("file:".length()).replaceFirst("^/+", "/") : place;
        return Path.of(path).toAbsolutePath().normalize();
    }

    private static SnapshotPlace folder(Path root, Path folder, String bucket) {
        return new SnapshotPlace(
                new DirectoryStore(root, bucket),
                new ObjectUri(bucket, root.relativize(folder).toString()),
                new FolderPaths(root, bucket),
                "file://" + folder,
                Optional.empty());
    }

    /**
     * @throws NotDoneException if no snapshot is there
     * @throws SnapshotRefusedException if what is there cannot be read
     */
    Snapshot open() {
        return open(paths);
    }

    /** @throws NotDoneException if the other is the same directory of the same store */
    void requireApart(SnapshotPlace other) {
        if (url.equals(other.url) && endpoint.equals(other.endpoint)) {
            throw new NotDoneException(
                    url + ": source and target are the same directory; a snapshot is never changed in place");
        }
    }

    /** To be written elsewhere, by the paths that count there. */
    Snapshot openFor(SnapshotPlace target) {
        return open(new StatePaths() {
            @Override
            public ObjectUri object(String path) {
                return paths.object(path);
            }

            @Override
            public String path(ObjectUri object) {
                return target.paths().path(object);
            }
        });
    }

    private Snapshot open(StatePaths known) {
        byte[] metadata = store.get(directory.resolve(Snapshot.METADATA))
                .orElseThrow(() -> new NotDoneException(url + ": no " + Snapshot.METADATA
                        + " there; name the directory of a completed savepoint or checkpoint, as"
                        + " Flink's REST API does"));
        return explaining(() -> Snapshot.open(directory, metadata, store::get, known));
    }

    /** @throws SnapshotRefusedException naming this snapshot, where the action says why it cannot be done */
    <T> T explaining(Supplier<T> action) {
        try {
            return action.get();
        } catch (UnsupportedSnapshotException e) {
            throw new SnapshotRefusedException("snapshot " + url + ": " + e.getMessage());
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
