package io.breakwater.replicator.flink.cli;

import io.breakwater.region.ObjectUri;
import io.breakwater.replicator.flink.snapshot.StatePaths;
import java.nio.file.Path;

/**
 * Files as Flink names them, {@code file:/path}, not URL-encoded; and what is in S3 under its own name.
 *
 * @param root the folder of the store
 * @param bucket by which the store is called
 */
record FolderPaths(Path root, String bucket) implements StatePaths {

    private static final String SCHEME = "file:";

    @Override
    public ObjectUri object(String path) {
        if (!path.startsWith(SCHEME)) {
            return ObjectUri.parse(path);
        }
        Path file = Path.of(path.substring(SCHEME.length()).replaceFirst("^/+", "/"));
        if (!file.startsWith(root)) {
            throw new IllegalArgumentException("'" + path + "' is not below " + root);
        }
        return new ObjectUri(bucket, root.relativize(file).toString());
    }

    @Override
    public String path(ObjectUri object) {
        return object.bucket().equals(bucket) ? SCHEME + root.resolve(object.key()) : object.toString();
    }
}
