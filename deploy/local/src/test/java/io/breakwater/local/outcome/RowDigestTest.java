package io.breakwater.local.outcome;

import static io.breakwater.local.outcome.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RowDigestTest {

    private static final RowDigest BOTH =
            RowDigest.EMPTY.with(event("SFO", 1, 1)).with(event("LAX", 2, 1));

    @Test
    void theOrderOfRowsDoesNotMatter() {
        assertThat(RowDigest.EMPTY.with(event("LAX", 2, 1)).with(event("SFO", 1, 1)))
                .isEqualTo(BOTH);
    }

    @Test
    void aRowMoreAnotherRowOrARowTwiceDoes() {
        assertThat(BOTH.with(event("SFO", 3, 2))).isNotEqualTo(BOTH);
        assertThat(RowDigest.EMPTY.with(event("SFO", 1, 1)).with(event("LAX", 2, 2)))
                .isNotEqualTo(BOTH);
        assertThat(RowDigest.EMPTY.with(event("SFO", 1, 1)).with(event("SFO", 1, 1)))
                .isNotEqualTo(BOTH);
    }
}
