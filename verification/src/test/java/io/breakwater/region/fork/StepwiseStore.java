package io.breakwater.region.fork;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A store that counts its requests, ends after so many of them as if its caller had died, and tells of changes. */
final class StepwiseStore implements ObjectStore {

    private final ObjectStore store;
    private int left = Integer.MAX_VALUE;
    private @Nullable String awaited;
    private Runnable before = () -> {};
    private Runnable afterEachChange = () -> {};

    StepwiseStore(ObjectStore store) {
        this.store = store;
    }

    /** @param requests that are answered; from then on none is */
    StepwiseStore diesAfter(int requests) {
        left = requests;
        return this;
    }

    /** Once, before the first request of a kind. */
    void before(String request, Runnable what) {
        awaited = request;
        before = what;
    }

    void afterEachChange(Runnable what) {
        afterEachChange = what;
    }

    private void asked(String request) {
        if (request.equals(awaited)) {
            awaited = null;
            before.run();
        }
        if (left-- <= 0) {
            throw new ObjectStoreException(ObjectStoreException.Reason.UNREACHABLE, request + ": died here", null);
        }
    }

    @Override
    public Optional<ObjectInfo> head(ObjectUri uri) {
        asked("head");
        return store.head(uri);
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri) {
        asked("get");
        return store.get(uri);
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri, long offset, int length) {
        asked("get");
        return store.get(uri, offset, length);
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        asked("open");
        return store.open(uri);
    }

    @Override
    public String put(ObjectUri uri, byte[] bytes) {
        asked("put");
        String etag = store.put(uri, bytes);
        afterEachChange.run();
        return etag;
    }

    @Override
    public String put(ObjectUri uri, Path file) {
        asked("put");
        String etag = store.put(uri, file);
        afterEachChange.run();
        return etag;
    }

    @Override
    public PutOutcome putIfAbsent(ObjectUri uri, byte[] bytes) {
        asked("put if absent");
        PutOutcome outcome = store.putIfAbsent(uri, bytes);
        afterEachChange.run();
        return outcome;
    }

    @Override
    public void delete(ObjectUri uri) {
        asked("delete");
        store.delete(uri);
        afterEachChange.run();
    }

    @Override
    public List<ObjectInfo> list(ObjectUri prefix, String startAfterKey) {
        asked("list");
        return store.list(prefix, startAfterKey);
    }

    @Override
    public void close() {
        // The store below is somebody else's.
    }
}
