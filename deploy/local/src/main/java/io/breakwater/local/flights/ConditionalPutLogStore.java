package io.breakwater.local.flights;

import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStore.PutOutcome;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.S3ObjectStore;
import io.delta.storage.HadoopFileSystemLogStore;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Writes a table's log entries with {@code If-None-Match: *}, so that of two writers of one version, in whatever
 * process, exactly one wins. Delta's own {@code S3SingleDriverLogStore} only looks first, and would overwrite a
 * promotion or fence commit that comes in between. Named to Delta by {@link #CLASS_KEY}.
 */
public final class ConditionalPutLogStore extends HadoopFileSystemLogStore {

    public static final String CLASS_KEY = "delta.logStore.s3a.impl";

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

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
        ObjectUri uri = ObjectUri.parse(path.toString());
        if (overwrite) {
            store.put(uri, bytes);
        } else if (store.putIfAbsent(uri, bytes) == PutOutcome.EXISTS) {
            throw new FileAlreadyExistsException(path.toString());
        }
    }

    @Override
    public Boolean isPartialWriteVisible(Path path, Configuration conf) {
        return false;
    }
}
