package io.breakwater.replicator.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.ObjectStore.ObjectInfo;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.PartUploads;
import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartPlanTest {

    private static final String MD5 = "0".repeat(32);
    private static final long MIB = 1L << 20;
    private static final long TIB = 1L << 40;

    private static PartPlan plan(long size, String etag, long usual) {
        return PartPlan.of(new ObjectInfo(ObjectUri.parse("s3://b/k"), size, etag, Instant.EPOCH), usual);
    }

    @ParameterizedTest
    @CsvSource({"1", "5242880", "5242881", "2147483648", "5368709121", "549755813888", "5497558138880"})
    void partsCoverTheObjectWithinS3sLimits(long size) {
        PartPlan plan = plan(size, MD5, 16 * MIB);

        assertThat(LongStream.rangeClosed(1, plan.parts())
                        .map(number -> plan.length((int) number))
                        .sum())
                .isEqualTo(size);
        assertThat(plan.parts()).isBetween(1, PartUploads.MOST_PARTS);
        assertThat(plan.partSize()).isBetween(PartUploads.SMALLEST_PART, PartUploads.LARGEST_PART);
        assertThat(plan.length(plan.parts())).isPositive();
    }

    @Test
    void largeObjectsHaveLargerParts() {
        assertThat(plan(TIB, MD5, 16 * MIB).partSize()).isEqualTo(105 * MIB);
    }

    @Test
    void theSourcesOwnPartsAreTakenWhereItsTagTellsThem() {
        assertThat(plan(100 * MIB, MD5 + "-13", 16 * MIB).partSize()).isEqualTo(8 * MIB);
        assertThat(plan(100 * MIB, MD5 + "-2", 16 * MIB).partSize())
                .as("parts of 50 MiB do not fit into a buffer")
                .isEqualTo(16 * MIB);
    }
}
