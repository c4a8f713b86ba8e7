package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Uploads of one object in parts, as S3 has them: nothing is visible before {@link #complete}. Thread-safe; fails as
 * {@link ObjectStore} does. Limits: <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html">S3
 * multipart upload limits</a>.
 */
public interface PartUploads {

    /** In bytes, of all parts but the last. */
    long SMALLEST_PART = 5L << 20;

    /** In bytes. */
    long LARGEST_PART = 5L << 30;

    int MOST_PARTS = 10_000;

    record Upload(ObjectUri uri, String id, Instant begun) {}

    /**
     * @param number from 1 on
     * @param size in bytes
     * @param etag the MD5 of the part in hex
     */
    record Part(int number, long size, String etag) {}

    /** @param source noted on the object, see {@link #madeFrom} */
    Upload begin(ObjectUri uri, ObjectInfo source);

    /**
     * @param md5 of the part, in hex, if it is known: a store that receives other bytes refuses them
     * @return the part's tag
     */
    String put(Upload upload, int number, InputStream bytes, long length, Optional<String> md5);

    /** What has arrived of an upload. */
    List<Part> parts(Upload upload);

    /** Uploads that were begun below the prefix, and neither completed nor aborted. */
    List<Upload> unfinished(ObjectUri prefix);

    /** @return the tag of the object, as in {@link ObjectInfo#etag}; empty if something stood there meanwhile */
    Optional<String> complete(Upload upload, List<Part> parts);

    /** Its parts are gone; not an error if it is gone already. */
    void abort(Upload upload);

    /** The tag of the source that the object was uploaded from; empty if it says nothing of it. */
    Optional<String> madeFrom(ObjectUri uri);
}
