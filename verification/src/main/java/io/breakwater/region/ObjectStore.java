package io.breakwater.region;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The object store of one region. Implementations are thread-safe. Each method fails with
 * {@link ObjectStoreException}, which tells an unreachable store from one that refuses.
 */
public interface ObjectStore extends AutoCloseable {

    /** As many as S3 tells in one answer. */
    int MOST_IN_PAGE = 1_000;

    /**
     * @param size in bytes
     * @param etag without quotes; equal tags of two plain puts mean equal bytes (MD5), those of multipart uploads do not
     */
    record ObjectInfo(ObjectUri uri, long size, String etag, Instant lastModified) {}

    /** What a conditional put met. */
    enum PutOutcome {
        CREATED,
        /** Something stands there already; nothing was written. */
        EXISTS
    }

    Optional<ObjectInfo> head(ObjectUri uri);

    /** The whole object in memory: for objects known to be small (log entries, metadata). Empty if absent. */
    Optional<byte[]> get(ObjectUri uri);

    /** At most {@code length} bytes from {@code offset} on; fewer at the end of the object. Empty if absent. */
    Optional<byte[]> get(ObjectUri uri, long offset, int length);

    /** The object as a stream that the caller closes. Empty if absent. */
    Optional<ObjectStream> open(ObjectUri uri);

    /** @return the tag of what was written, as in {@link ObjectInfo#etag} */
    String put(ObjectUri uri, byte[] bytes);

    /** @return the tag of what was written, as in {@link ObjectInfo#etag} */
    String put(ObjectUri uri, Path file);

    /** Creates the object only if nothing stands at its key; of concurrent callers exactly one creates it. */
    PutOutcome putIfAbsent(ObjectUri uri, byte[] bytes);

    void delete(ObjectUri uri);

    /** All objects whose key begins with the prefix's, in key order. */
    default List<ObjectInfo> list(ObjectUri prefix) {
        return list(prefix, "");
    }

    /** As {@link #list(ObjectUri)}, only those whose key sorts after the given one. */
    List<ObjectInfo> list(ObjectUri prefix, String startAfterKey);

    /**
     * Some of the objects below a prefix, in key order.
     *
     * @param last whether there are none after them
     */
    record ObjectPage(List<ObjectInfo> objects, boolean last) {}

    /** As {@link #list(ObjectUri, String)}, of these the first thousand or fewer: one request, bounded memory. */
    default ObjectPage page(ObjectUri prefix, String startAfterKey) {
        List<ObjectInfo> all = list(prefix, startAfterKey);
        return new ObjectPage(all.subList(0, Math.min(MOST_IN_PAGE, all.size())), all.size() <= MOST_IN_PAGE);
    }

    /**
     * The names of the folders directly below a place, without slashes, in order. A store that lists by a delimiter
     * answers without looking at what the folders hold.
     *
     * @param parent with or without a slash at its end; the empty key is the whole bucket
     */
    default List<String> folders(ObjectUri parent) {
        String prefix = parent.resolve("").key();
        return list(new ObjectUri(parent.bucket(), prefix)).stream()
                .map(info -> info.uri().key().substring(prefix.length()))
                .filter(below -> below.indexOf('/') > 0)
                .map(below -> below.substring(0, below.indexOf('/')))
                .distinct()
                .sorted()
                .toList();
    }

    /** What a copier needs beyond the above. */
    default BulkTransfer bulk() {
        return new PlainTransfer(this);
    }

    /** The policies of its buckets, if its settings allow to fence by them. */
    default Optional<BucketPolicies> policies() {
        return Optional.empty();
    }

    @Override
    void close();
}
