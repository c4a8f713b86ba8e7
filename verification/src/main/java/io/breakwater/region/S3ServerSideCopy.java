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

    private final S3LongCalls calls;

    /** @param calls at the target; stay the caller's to close */
    S3ServerSideCopy(S3LongCalls calls) {
        this.calls = calls;
    }

    @Override
    public String copy(ObjectInfo source, ObjectUri to) {
        return S3ObjectStore.asking("server-side copy of " + source.uri() + " to", to, () -> {
            String tag = source.size() <= PartUploads.LARGEST_PART ? whole(source, to) : inParts(source, to);
            return tag.replace("\"", "");
        });
    }

    private String whole(ObjectInfo source, ObjectUri to) {
        Duration limit = calls.limit(source.size());
        return calls.client()
                .copyObject(r -> r.sourceBucket(source.uri().bucket())
                        .sourceKey(source.uri().key())
                        .copySourceIfMatch(source.etag())
                        .destinationBucket(to.bucket())
                        .destinationKey(to.key())
                        .overrideConfiguration(o -> o.apiCallAttemptTimeout(limit)))
                .copyObjectResult()
                .eTag();
    }

    private String inParts(ObjectInfo source, ObjectUri to) {
        S3Client s3 = calls.client();
        Duration limit = calls.limit(PartUploads.LARGEST_PART);
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
                            .overrideConfiguration(o -> o.apiCallAttemptTimeout(limit)))
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
        Duration limit = calls.limit(partSize);
        String tag = calls.client()
                .uploadPartCopy(r -> r.sourceBucket(source.uri().bucket())
                        .sourceKey(source.uri().key())
                        .copySourceIfMatch("\"" + source.etag() + "\"")
                        .copySourceRange(range)
                        .destinationBucket(to.bucket())
                        .destinationKey(to.key())
                        .uploadId(upload)
                        .partNumber(number)
                        .overrideConfiguration(o -> o.apiCallAttemptTimeout(limit)))
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
