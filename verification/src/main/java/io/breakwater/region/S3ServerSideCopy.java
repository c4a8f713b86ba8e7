package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * CopyObject up to 5 GiB, UploadPartCopy beyond it, as <a
 * href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html">S3 has it</a>.
 */
final class S3ServerSideCopy implements ServerSideCopy {

    /** In bytes; up to 2.4 TiB, beyond which 10,000 such parts are too few. */
    private static final long PART = 256L << 20;

    private static final long MEBIBYTE = 1L << 20;

    /** The provider answers when it has copied. */
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final S3Client s3;

    S3ServerSideCopy(S3Client s3) {
        this.s3 = s3;
    }

    @Override
    public String copy(ObjectInfo source, ObjectUri to) {
        return S3ObjectStore.asking("server-side copy of " + source.uri() + " to", to, () -> {
            String tag = source.size() <= PartUploads.LARGEST_PART ? whole(source, to) : inParts(source, to);
            return tag.replace("\"", "");
        });
    }

    private String whole(ObjectInfo source, ObjectUri to) {
        return s3.copyObject(r -> r.sourceBucket(source.uri().bucket())
                        .sourceKey(source.uri().key())
                        .copySourceIfMatch(source.etag())
                        .destinationBucket(to.bucket())
                        .destinationKey(to.key())
                        .overrideConfiguration(o -> o.apiCallAttemptTimeout(LIMIT)))
                .copyObjectResult()
                .eTag();
    }

    private String inParts(ObjectInfo source, ObjectUri to) {
        String upload = s3.createMultipartUpload(
                        r -> r.bucket(to.bucket()).key(to.key()).metadata(S3PartUploads.madeFrom(source)))
                .uploadId();
        boolean done = false;
        try {
            List<CompletedPart> parts = new ArrayList<>();
            long partSize = partSize(source.size());
            for (long offset = 0; offset < source.size(); offset += partSize) {
                parts.add(part(source, to, upload, parts.size() + 1, offset, partSize));
            }
            String tag = s3.completeMultipartUpload(r -> r.bucket(to.bucket())
                            .key(to.key())
                            .uploadId(upload)
                            .multipartUpload(m -> m.parts(parts))
                            .overrideConfiguration(o -> o.apiCallAttemptTimeout(LIMIT)))
                    .eTag();
            done = true;
            return tag;
        } finally {
            if (!done) {
                // Parts of it cost money; the next attempt begins anew, which costs no bytes here.
                s3.abortMultipartUpload(r -> r.bucket(to.bucket()).key(to.key()).uploadId(upload));
            }
        }
    }

    private CompletedPart part(ObjectInfo source, ObjectUri to, String upload, int number, long offset, long partSize) {
        // With quotes, as HTTP has tags: S3 takes both here, S3Proxy of a part's copy only these.
        String range = "bytes=" + offset + "-" + (Math.min(offset + partSize, source.size()) - 1);
        String tag = s3.uploadPartCopy(r -> r.sourceBucket(source.uri().bucket())
                        .sourceKey(source.uri().key())
                        .copySourceIfMatch("\"" + source.etag() + "\"")
                        .copySourceRange(range)
                        .destinationBucket(to.bucket())
                        .destinationKey(to.key())
                        .uploadId(upload)
                        .partNumber(number)
                        .overrideConfiguration(o -> o.apiCallAttemptTimeout(LIMIT)))
                .copyPartResult()
                .eTag();
        return CompletedPart.builder().partNumber(number).eTag(tag).build();
    }

    /** In bytes: so many that an object of that size has no more parts than S3 allows. */
    static long partSize(long size) {
        long least = (size + PartUploads.MOST_PARTS - 1) / PartUploads.MOST_PARTS;
        return Math.max(PART, (least + MEBIBYTE - 1) / MEBIBYTE * MEBIBYTE);
    }
}
