package io.breakwater.region;

import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** {@link BucketPolicies} on the AWS SDK. */
final class S3BucketPolicies implements BucketPolicies {

    private static final int NOT_FOUND = 404;

    /** What stores answer that have none. S3Proxy answers so only when one is put, and says that there is none before. */
    private static final Set<Integer> UNSUPPORTED = Set.of(405, 501);

    private final S3Client s3;

    /** @param s3 stays the caller's to close */
    S3BucketPolicies(S3Client s3) {
        this.s3 = s3;
    }

    @Override
    public Found get(String bucket) {
        return S3ObjectStore.asking("get policy", new ObjectUri(bucket, ""), () -> {
            try {
                return new Found.Policy(
                        Optional.of(s3.getBucketPolicy(r -> r.bucket(bucket)).policy()));
            } catch (S3Exception e) {
                if (UNSUPPORTED.contains(e.statusCode())) {
                    return new Found.Unsupported();
                }
                boolean none = e.statusCode() == NOT_FOUND
                        && e.awsErrorDetails() != null
                        && !"NoSuchBucket".equals(e.awsErrorDetails().errorCode());
                if (none) {
                    return new Found.Policy(Optional.empty());
                }
                throw e;
            }
        });
    }

    @Override
    public boolean put(String bucket, String json) {
        return S3ObjectStore.asking("put policy", new ObjectUri(bucket, ""), () -> {
            try {
                s3.putBucketPolicy(r -> r.bucket(bucket).policy(json));
                return true;
            } catch (S3Exception e) {
                if (UNSUPPORTED.contains(e.statusCode())) {
                    return false;
                }
                throw e;
            }
        });
    }

    @Override
    public void delete(String bucket) {
        S3ObjectStore.asking(
                "delete policy", new ObjectUri(bucket, ""), () -> s3.deleteBucketPolicy(r -> r.bucket(bucket)));
    }
}
