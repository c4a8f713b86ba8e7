package io.breakwater.region;

import io.breakwater.region.ObjectStore.ObjectInfo;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * CopyObject up to 5 GiB, UploadPartCopy beyond it, as <a
 * href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html">S3 has it</a>.
 */
final class S3ServerSideCopy implements ServerSideCopy {

    private static final long PART = 1L << 30;

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
                        .destinationKey(to.key()))
                .copyObjectResult()
                .eTag();
    }

    private String inParts(ObjectInfo source, ObjectUri to) {
        String upload = s3.createMultipartUpload(
                        r -> r.bucket(to.bucket()).key(to.key()).metadata(S3PartUploads.madeFrom(source)))
                .uploadId();
        List<CompletedPart> parts = new ArrayList<>();
        for (long offset = 0; offset < source.size(); offset += PART) {
            int number = parts.size() + 1;
            String range = "bytes=" + offset + "-" + (Math.min(offset + PART, source.size()) - 1);
            String tag = s3.uploadPartCopy(r -> r.sourceBucket(source.uri().bucket())
                            .sourceKey(source.uri().key())
                            .copySourceIfMatch(source.etag())
                            .copySourceRange(range)
                            .destinationBucket(to.bucket())
                            .destinationKey(to.key())
                            .uploadId(upload)
                            .partNumber(number))
                    .copyPartResult()
                    .eTag();
            parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
        }
        return s3.completeMultipartUpload(r ->
                        r.bucket(to.bucket()).key(to.key()).uploadId(upload).multipartUpload(m -> m.parts(parts)))
                .eTag();
    }
}
