package io.breakwater.local.flights;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A store that tells of each change, once it is made and before its maker knows. */
final class WatchedStore implements ObjectStore {

    private final ObjectStore store;
    private final BiConsumer<String, ObjectUri> watcher;

    /** @param watcher gets what was done and to which object */
    WatchedStore(ObjectStore store, BiConsumer<String, ObjectUri> watcher) {
        this.store = store;
        this.watcher = watcher;
    }

    @Override
    public Optional<ObjectInfo> head(ObjectUri uri) {
        return store.head(uri);
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri) {
        return store.get(uri);
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri, long offset, int length) {
        return store.get(uri, offset, length);
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        return store.open(uri);
    }

    @Override
    public String put(ObjectUri uri, byte[] bytes) {
        String etag = store.put(uri, bytes);
        watcher.accept("put", uri);
        return etag;
    }

    @Override
    public String put(ObjectUri uri, Path file) {
        String etag = store.put(uri, file);
        watcher.accept("put", uri);
        return etag;
    }

    @Override
    public PutOutcome putIfAbsent(ObjectUri uri, byte[] bytes) {
        PutOutcome outcome = store.putIfAbsent(uri, bytes);
        watcher.accept("put if absent", uri);
        return outcome;
    }

    @Override
    public void delete(ObjectUri uri) {
        store.delete(uri);
        watcher.accept("delete", uri);
    }

    @Override
    public List<ObjectInfo> list(ObjectUri prefix, String startAfterKey) {
        return store.list(prefix, startAfterKey);
    }

    @Override
    public List<String> folders(ObjectUri parent) {
        return store.folders(parent);
    }

    /** The store below stays open: it is somebody else's. */
    @Override
    public void close() {
        // Nothing of its own to close.
    }
}
