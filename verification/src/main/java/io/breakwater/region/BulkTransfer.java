package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The few operations that a copier asks of a store by the thousand. Each call is one attempt: nothing is retried and
 * nothing digested here, that is the caller's. Thread-safe; fails as {@link ObjectStore} does.
 */
public interface BulkTransfer {

    /**
     * What must hold for a put to happen.
     *
     * @param onlyIfAbsent nothing may stand at the key; only where {@link #putsIfAbsent}
     * @param md5 of the bytes, in hex: a store that receives others refuses them
     */
    record PutTerms(boolean onlyIfAbsent, Optional<String> md5) {}

    /** Whether puts can be made to depend on an empty key. */
    boolean putsIfAbsent();

    /** The object as a stream that the caller closes. Empty if absent. */
    Optional<ObjectStream> open(ObjectUri uri);

    /**
     * {@code length} bytes of an object from {@code offset} on; the caller closes the stream.
     *
     * @throws ObjectStoreException also if the object is gone, or is not the one that {@code object} describes any more
     */
    ObjectStream open(ObjectInfo object, long offset, long length);

    /** @return the tag of what was written, as in {@link ObjectInfo#etag}; empty if something stood there */
    Optional<String> put(ObjectUri uri, ByteBuffer bytes, PutTerms terms);

    /** Puts whose bytes are still being read; empty if the store wants to have them all before it begins. */
    default Optional<StreamedPuts> streamedPuts() {
        return Optional.empty();
    }

    /** {@link #put} with bytes as they come. Nothing is visible before the last has arrived. */
    @FunctionalInterface
    interface StreamedPuts {

        /**
         * @param bytes read to the end, and left open
         * @return the tag of what was written, as in {@link ObjectInfo#etag}; empty if something stood there
         * @throws ObjectStoreException UNREACHABLE also if the bytes cannot be read, or end too early
         */
        Optional<String> put(ObjectUri uri, ObjectStream bytes, PutTerms terms);
    }

    /** Empty if the store takes objects only as a whole. */
    Optional<PartUploads> parts();

    /** Copies inside one provider, without the bytes passing through here; empty if the source is elsewhere. */
    Optional<ServerSideCopy> copiesFrom(ObjectStore source);
}
