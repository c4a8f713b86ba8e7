package io.breakwater.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.breakwater.platform.PartitionKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.protocol.types.SchemaException;
import org.junit.jupiter.api.Test;

class OffsetSyncsTest {

    private static final PartitionKey EVENTS = new PartitionKey("flights.events", 3);

    private final OffsetSyncs.Known known = new OffsetSyncs.Known();

    @Test
    void aPositionOnASyncIsExactAndAnyOtherIsJustAfterTheOneBefore() {
        known.add(sync(100, 10));
        known.add(sync(200, 90));

        assertThat(known.notAfter(EVENTS, 99)).isEqualTo(OptionalLong.empty());
        assertThat(known.notAfter(EVENTS, 100)).isEqualTo(OptionalLong.of(10));
        assertThat(known.notAfter(EVENTS, 199)).isEqualTo(OptionalLong.of(11));
        assertThat(known.notAfter(EVENTS, 5_000)).isEqualTo(OptionalLong.of(91));
        assertThat(known.notAfter(new PartitionKey("flights.events", 4), 5_000)).isEqualTo(OptionalLong.empty());
    }

    @Test
    void syncsOfAnEarlierTopicOfTheNameDoNotCount() {
        known.add(sync(100, 10));
        known.add(sync(5, 60));

        assertThat(known.notAfter(EVENTS, 100)).isEqualTo(OptionalLong.of(61));
        assertThat(known.notAfter(EVENTS, 4)).isEqualTo(OptionalLong.empty());
    }

    @Test
    void keepsABoundedNumberAndStaysEarlyEnough() {
        for (int i = 0; i < 3 * OffsetSyncs.KEPT; i++) {
            known.add(sync(10L * i, i));
        }

        for (long position = 0; position < 30L * OffsetSyncs.KEPT; position += 777) {
            assertThat(known.notAfter(EVENTS, position).orElse(0)).isLessThanOrEqualTo((position + 9) / 10);
        }
        assertThat(known.size()).isLessThanOrEqualTo(OffsetSyncs.KEPT);
    }

    @Test
    void saysWhereSomethingElseLies() {
        assertThatThrownBy(() -> known.add(
                        new ConsumerRecord<>("mm2-offset-syncs.east.internal", 0, 77, new byte[1], new byte[1])))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("mm2-offset-syncs.east.internal")
                .hasMessageContaining("77");
    }

    private static ConsumerRecord<byte[], byte[]> sync(long upstream, long downstream) {
        byte[] topic = EVENTS.topic().getBytes(StandardCharsets.UTF_8);
        byte[] key = ByteBuffer.allocate(2 + topic.length + 4)
                .putShort((short) topic.length)
                .put(topic)
                .putInt(EVENTS.partition())
                .array();
        byte[] value =
                ByteBuffer.allocate(16).putLong(upstream).putLong(downstream).array();
        return new ConsumerRecord<>("mm2-offset-syncs.east.internal", 0, 0, key, value);
    }
}
