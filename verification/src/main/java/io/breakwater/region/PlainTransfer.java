package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/** {@link BulkTransfer} by the plain operations of any {@link ObjectStore}. Ranges pass through memory. */
final class PlainTransfer implements BulkTransfer {

    private final ObjectStore store;

    PlainTransfer(ObjectStore store) {
        this.store = store;
    }

    @Override
    public boolean putsIfAbsent() {
        return false;
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        return store.open(uri);
    }

    @Override
    public ObjectStream open(ObjectInfo object, long offset, long length) {
        byte[] bytes = store.get(object.uri(), offset, Math.toIntExact(length))
                .orElseThrow(() -> new ObjectStoreException(
                        ObjectStoreException.Reason.REFUSED, "get " + object.uri() + ": it is gone", null));
        return new ObjectStream(object, new ByteArrayInputStream(bytes));
    }

    @Override
    public Optional<String> put(ObjectUri uri, ByteBuffer bytes, PutTerms terms) {
        if (terms.onlyIfAbsent()) {
            throw new IllegalArgumentException("put " + uri + ": this store has no conditional puts");
        }
        byte[] whole = new byte[bytes.remaining()];
        bytes.duplicate().get(whole);
        return Optional.of(store.put(uri, whole));
    }

    @Override
    public Optional<PartUploads> parts() {
        return Optional.empty();
    }

    @Override
    public Optional<ServerSideCopy> copiesFrom(ObjectStore source) {
        return Optional.empty();
    }
}
