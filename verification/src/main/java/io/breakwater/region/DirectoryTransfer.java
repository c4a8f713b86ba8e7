package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.nio.ByteBuffer;
import java.util.Optional;

/** {@link BulkTransfer} of a {@link DirectoryStore}: files are written as a whole. */
record DirectoryTransfer(DirectoryStore store) implements BulkTransfer {

    @Override
    public boolean putsIfAbsent() {
        return true;
    }

    @Override
    public Optional<ObjectStream> open(ObjectUri uri) {
        return store.open(uri);
    }

    @Override
    public ObjectStream open(ObjectInfo object, long offset, long length) {
        return store.open(object, offset, length);
    }

    @Override
    public Optional<String> put(ObjectUri uri, ByteBuffer bytes, PutTerms terms) {
        String own = FileTags.md5(bytes);
        if (!terms.md5().orElse(own).equals(own)) {
            throw new ObjectStoreException(
                    ObjectStoreException.Reason.REFUSED,
                    "put " + uri + ": the bytes have MD5 " + own + ", announced was "
                            + terms.md5().orElse(""),
                    null);
        }
        return store.put(uri, bytes, terms.onlyIfAbsent());
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
