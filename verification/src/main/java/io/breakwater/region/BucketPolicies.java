package io.breakwater.region;

import java.util.Optional;

/** The policies of a store's buckets. Thread-safe. Methods fail with {@link ObjectStoreException}. */
public interface BucketPolicies {

    /** What a bucket has. */
    sealed interface Found {

        /** @param json empty if the bucket has no policy */
        record Policy(Optional<String> json) implements Found {}

        /** The store has no policies. */
        record Unsupported() implements Found {}
    }

    Found get(String bucket);

    /**
     * In the place of the policy that the bucket has. The store has no condition for it: of two callers the last wins.
     *
     * @return false if the store has no policies
     */
    boolean put(String bucket, String json);

    void delete(String bucket);
}
