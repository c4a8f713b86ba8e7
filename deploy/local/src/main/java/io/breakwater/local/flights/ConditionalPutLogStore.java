package io.breakwater.local.flights;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.delta.storage.CloseableIterator;
import io.delta.storage.LogStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * A table's log in an S3 store, without Hadoop's detours. Writes log entries with {@code If-None-Match: *}, so that of two writers of one version, in whatever
 * process, exactly one wins. Delta's own {@code S3SingleDriverLogStore} only looks first, and would overwrite a
 * promotion or fence commit that comes in between. Named to Delta by {@link #CLASS_KEY}.
 */
public final class ConditionalPutLogStore extends LogStore {

    public static final String CLASS_KEY = "delta.logStore.s3a.impl";

    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final ObjectStore store;

    /** Called by Delta. */
    public ConditionalPutLogStore(Configuration conf) {
        super(conf);
        Optional<URI> endpoint =
                Optional.ofNullable(conf.get("fs.s3a.endpoint")).map(URI::create);
        store = S3ObjectStore.connect(
                new ObjectStoreSite(
                        conf.get("fs.s3a.endpoint.region", "us-east-1"),
                        endpoint,
                        Optional.ofNullable(conf.get("fs.s3a.access.key")),
                        Optional.ofNullable(conf.get("fs.s3a.secret.key")),
                        Map.of()),
                TIMEOUT);
    }

    @Override
    public void write(Path path, Iterator<String> actions, Boolean overwrite, Configuration conf) throws IOException {
        StringBuilder text = new StringBuilder();
        actions.forEachRemaining(action -> text.append(action).append('\n'));
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        ObjectUri uri = uri(path);
        if (overwrite) {
            store.put(uri, bytes);
        } else if (store.putIfAbsent(uri, bytes) == PutOutcome.EXISTS) {
            throw new FileAlreadyExistsException(path.toString());
        }
    }

    @Override
    public CloseableIterator<String> read(Path path, Configuration conf) throws IOException {
        byte[] bytes = store.get(uri(path)).orElseThrow(() -> new FileNotFoundException("no such object: " + path));
        return new Lines(new String(bytes, StandardCharsets.UTF_8).lines().iterator());
    }

    /** One listing from the path on, itself included, without a look at the folders above it. */
    @Override
    public Iterator<FileStatus> listFrom(Path path, Configuration conf) throws IOException {
        ObjectUri from = uri(path);
        int slash = from.key().lastIndexOf('/') + 1;
        ObjectUri folder = new ObjectUri(from.bucket(), from.key().substring(0, slash));
        // A listing begins after its key: one character less takes the key itself in.
        List<FileStatus> files = store
                .list(folder, from.key().substring(0, from.key().length() - 1))
                .stream()
                .filter(info -> info.uri().key().compareTo(from.key()) >= 0
                        && info.uri().key().indexOf('/', slash) < 0)
                .map(info -> status(path.getParent(), info))
                .toList();
        if (files.isEmpty() && store.list(folder).isEmpty()) {
            throw new FileNotFoundException("no such folder: " + path.getParent());
        }
        return files.iterator();
    }

    private static FileStatus status(Path parent, ObjectInfo info) {
        String key = info.uri().key();
        return new FileStatus(
                info.size(),
                false,
                1,
                0,
                info.lastModified().toEpochMilli(),
                new Path(parent, key.substring(key.lastIndexOf('/') + 1)));
    }

    @Override
    public Path resolvePathOnPhysicalStorage(Path path, Configuration conf) {
        return path;
    }

    @Override
    public Boolean isPartialWriteVisible(Path path, Configuration conf) {
        return false;
    }

    private static ObjectUri uri(Path path) {
        return ObjectUri.parse(path.toString());
    }

    private record Lines(Iterator<String> lines) implements CloseableIterator<String> {

        @Override
        public boolean hasNext() {
            return lines.hasNext();
        }

        @Override
        public String next() {
            return lines.next();
        }

        @Override
        public void close() {
            // All of the object is in memory already.
        }
    }
}
