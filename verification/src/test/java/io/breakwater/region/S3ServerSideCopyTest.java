package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3ServerSideCopyTest {

    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;

    @ParameterizedTest
    @ValueSource(longs = {5L << 30, (5L << 30) + 1, 10_000 * 256 * MIB, 10_000 * 256 * MIB + 1, 5 * TIB - 1, 5 * TIB})
    void partsAreWithinS3sLimits(long size) {
        long partSize = S3ServerSideCopy.partSize(size);

        long parts = (size + partSize - 1) / partSize;
        assertThat(parts).isBetween(1L, (long) PartUploads.MOST_PARTS);
        assertThat(partSize).isBetween(PartUploads.SMALLEST_PART, PartUploads.LARGEST_PART);
        assertThat((parts - 1) * partSize).as("where the last one begins").isLessThan(size);
    }
}
