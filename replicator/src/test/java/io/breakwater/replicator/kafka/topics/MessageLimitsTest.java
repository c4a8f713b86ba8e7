package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.ProvenanceStamp;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class MessageLimitsTest {

    @Test
    void theStandbyTakesWhatTheSourceTakesAndTheStamp() {
        int stamp = new ProvenanceStamp(Uuid.ZERO_UUID, Uuid.ZERO_UUID, 0, 0).toBytes().length
                + ProvenanceStamp.HEADER.length();

        assertThat(MessageLimits.wanted(1_048_588, 10)).isEqualTo(1_048_588 + MessageLimits.ROOM);
        assertThat(MessageLimits.ROOM).isGreaterThan(2L * stamp);
    }

    @Test
    void aRecordThatCameCompressedRaisesTheLimitUpToTheGreatest() {
        assertThat(MessageLimits.wanted(1_000, 50_000)).isEqualTo(50_000 + MessageLimits.ROOM);
        assertThat(MessageLimits.wanted(1_000, MessageLimits.GREATEST)).isEqualTo(MessageLimits.GREATEST);
    }
}
