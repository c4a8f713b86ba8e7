package io.breakwater.evidence;

import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.ObjectStream;
import io.breakwater.region.ObjectUri;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** An object store that can become unreachable after so many writes. Keeps the order of what was written. */
final class InMemoryObjectStore implements ObjectStore {

    final SortedMap<String, byte[]> objects = new TreeMap<>();
    final List<String> written = new ArrayList<>();
    int writesLeft = Integer.MAX_VALUE;

    private void write(ObjectUri uri, byte[] bytes) {
        if (writesLeft-- <= 0) {
            throw new ObjectStoreException(
                    ObjectStoreException.Reason.UNREACHABLE, "put " + uri, new IllegalStateException("cut off"));
        }
        objects.put(uri.key(), bytes.clone());
        written.add(uri.key());
    }

    @Override
    public Optional<ObjectInfo> head(ObjectUri uri) {
        return get(uri).map(bytes -> new ObjectInfo(uri, bytes.length, "", Instant.EPOCH));
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri) {
        return Optional.ofNullable(objects.get(uri.key())).map(byte[]::clone);
    }

    @Override
    public Optional<byte[]> get(ObjectUri uri, long offset, int length) {
        throw new UnsupportedOperationException("the evidence log reads whole objects");
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        throw new UnsupportedOperationException("the evidence log reads whole objects");
    }

    @Override
    public String put(ObjectUri uri, byte[] bytes) {
        write(uri, bytes);
        return "";
    }

    @Override
    public String put(ObjectUri uri, Path file) {
        throw new UnsupportedOperationException("the evidence log puts bytes");
    }

    @Override
    public PutOutcome putIfAbsent(ObjectUri uri, byte[] bytes) {
        if (objects.containsKey(uri.key())) {
            return PutOutcome.EXISTS;
        }
        write(uri, bytes);
        return PutOutcome.CREATED;
    }

    @Override
    public void delete(ObjectUri uri) {
        throw new UnsupportedOperationException("the evidence log never deletes what it published");
    }

    @Override
    public List<ObjectInfo> list(ObjectUri prefix, String startAfterKey) {
        return objects.entrySet().stream()
                .filter(e -> e.getKey().startsWith(prefix.key()) && e.getKey().compareTo(startAfterKey) > 0)
                .map(e -> new ObjectInfo(
                        new ObjectUri(prefix.bucket(), e.getKey()), e.getValue().length, "", Instant.EPOCH))
                .toList();
    }

    @Override
    public void close() {}
}
