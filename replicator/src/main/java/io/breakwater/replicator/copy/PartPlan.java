package io.breakwater.replicator.copy;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.PartUploads;

/**
 * How an object is cut into parts.
 *
 * @param size of the object, in bytes
 * @param partSize of all parts but the last, in bytes
 */
record PartPlan(long size, long partSize) {

    private static final long MEGABYTE = 1L << 20;

    /**
     * Parts as the source was uploaded in, if its tag tells and they fit into memory: then both have the same tag, and
     * that proves the copy. Else parts of {@code usual} bytes, or larger ones where there would be more than S3 allows.
     */
    static PartPlan of(ObjectInfo source, long usual) {
        long size = source.size();
        long least = Math.max(
                PartUploads.SMALLEST_PART, roundedUp((size + PartUploads.MOST_PARTS - 1) / PartUploads.MOST_PARTS));
        long partSize = Math.max(least, usual);
        int dash = source.etag().lastIndexOf('-');
        if (dash > 0) {
            long parts = Long.parseLong(source.etag().substring(dash + 1));
            long guess = roundedUp((size + parts - 1) / parts);
            if (guess >= least && guess <= partSize && (size + guess - 1) / guess == parts) {
                partSize = guess;
            }
        }
        return new PartPlan(size, partSize);
    }

    private static long roundedUp(long bytes) {
        return (bytes + MEGABYTE - 1) / MEGABYTE * MEGABYTE;
    }

    int parts() {
        return Math.toIntExact((size + partSize - 1) / partSize);
    }

    /** @param number from 1 on */
    long offset(int number) {
        return (number - 1) * partSize;
    }

    long length(int number) {
        return Math.min(partSize, size - offset(number));
    }
}
