package io.breakwater.replicator.delta.cli;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.DirectoryStore;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A table as the command line names it. A folder's store is its parent folder: what is noted about a replica lies
 * beside it there, as it does in a bucket.
 *
 * @param url for people
 */
record TablePlace(ObjectStore store, ObjectUri table, String url) implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /**
     * @param site of the store, if the text names one
     * @param bucket by which a folder's store is called; none that a bucket can have
     * @throws IllegalArgumentException if the text names no table
     */
    static TablePlace of(String text, Supplier<ObjectStoreSite> site, String bucket) {
        String trimmed = text.replaceFirst("/+$", "");
        if (trimmed.matches("s3a?:.*")) {
            ObjectUri table = trimmed.matches("s3a?://[^/]+")
                    ? new ObjectUri(trimmed.replaceFirst("^s3a?://", ""), "")
                    : ObjectUri.parse(trimmed);
            return new TablePlace(S3ObjectStore.connect(site.get(), TIMEOUT), table, table.toString());
        }
        if (trimmed.matches("[a-zA-Z][a-zA-Z0-9+.-]+:.*") && !trimmed.startsWith("file:")) {
            throw new IllegalArgumentException(
                    "'" + text + "': expected s3://bucket/path, file:///path, or a path; other stores are not known");
        }
        Path folder = (trimmed.startsWith("file:") ? path(text, trimmed) : Path.of(trimmed))
                .toAbsolutePath()
                .normalize();
        Path parent = folder.getParent();
        if (parent == null) {
            throw new IllegalArgumentException("'" + text + "': a table is a folder below the root");
        }
        return new TablePlace(
                new DirectoryStore(parent, bucket),
                new ObjectUri(bucket, folder.getFileName().toString()),
                folder.toUri().toString().replaceFirst("/+$", ""));
    }

    private static Path path(String text, String trimmed) {
        URI uri = URI.create(trimmed.replace(" ", "%20"));
        if (uri.getAuthority() != null || uri.getPath() == null) {
            throw new IllegalArgumentException("'" + text + "': expected file:///path, with three slashes");
        }
        return Path.of(uri.getPath());
    }

    DeltaLogFiles log() {
        return new DeltaLogFiles(store, table);
    }

    /** For temporary files that are to become part of the table. */
    Path scratch() {
        return store instanceof DirectoryStore directory
                ? directory.unfinished()
                : Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** A message that names objects, for people: a folder's files are called as they are. */
    String readable(String message) {
        return store instanceof DirectoryStore directory
                ? message.replace(
                        "s3://" + table.bucket() + "/",
                        directory.folder().toUri().toString())
                : message;
    }

    @Override
    public void close() {
        store.close();
    }
}
