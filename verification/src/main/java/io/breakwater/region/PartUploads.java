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

    /** @param byCrc32 whether each of its parts is announced by a CRC-32, which the store is known to verify */
    record Upload(ObjectUri uri, String id, Instant begun, boolean byCrc32) {}

    /**
     * @param number from 1 on
     * @param size in bytes
     * @param etag the MD5 of the part in hex
     * @param crc32 of the part, as S3 writes it, if it was announced by one
     */
    record Part(int number, long size, String etag, Optional<String> crc32) {}

    /** What a store is told of a part before its bytes come: it refuses others. */
    sealed interface Announced {

        /** @param hex 32 digits */
        record Md5(String hex) implements Announced {}

        record Crc32(int value) implements Announced {}

        /** The bytes are not known yet; the tag tells afterwards. */
        record Nothing() implements Announced {}
    }

    /**
     * @param source noted on the object, see {@link #madeFrom}
     * @param byCrc32 whether parts may be announced by a CRC-32, which costs a hundredth of an MD5; it is done where the
     *     store verifies it, and an upload that was begun so takes no parts without
     */
    Upload begin(ObjectUri uri, ObjectInfo source, boolean byCrc32);

    /** @param announced of the bytes; a CRC-32 if the upload goes by them */
    Part put(Upload upload, int number, InputStream bytes, long length, Announced announced);

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
