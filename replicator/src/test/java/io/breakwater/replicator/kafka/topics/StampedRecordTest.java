package io.breakwater.replicator.kafka.topics;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.region.ProvenanceStamp;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.mirror.MirrorUtils;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class StampedRecordTest {

    private static final Map<String, Object> PARTITION =
            Map.of("cluster", "east", "topic", "flights.events", "partition", 1);
    private static final ProvenanceStamp STAMP = new ProvenanceStamp(new Uuid(1, 1), new Uuid(2, 2), 1, 42);

    @Test
    void itIsTheRecordWithOneStampAndAnOffsetThatNamesTheTopic() {
        ConnectHeaders headers = new ConnectHeaders();
        headers.addBytes(ProvenanceStamp.HEADER, new byte[] {1});
        headers.addBytes("origin", bytes("tower"));

        SourceRecord stamped = stamped(headers);

        assertThat(stamped.value()).isEqualTo(bytes("value"));
        assertThat(stamped.timestamp()).isEqualTo(7L);
        assertThat(stamped.headers()).extracting(Header::key).containsExactly("origin", ProvenanceStamp.HEADER);
        assertThat((byte[])
                        stamped.headers().lastWithName(ProvenanceStamp.HEADER).value())
                .isEqualTo(STAMP.toBytes());
        assertThat(stamped.sourceOffset().get(MirrorUtils.OFFSET_KEY)).isEqualTo(42L);
        assertThat(stamped.sourceOffset().get("topicId"))
                .isEqualTo(STAMP.topicId().toString());
        assertThat(MirrorUtils.unwrapPartition(stamped.sourcePartition())).hasToString("flights.events-1");
    }

    @Test
    void itEqualsOnlyItself() {
        SourceRecord one = stamped(new ConnectHeaders());
        SourceRecord other = stamped(new ConnectHeaders());

        assertThat(new HashSet<>(List.of(one, other))).hasSize(2).contains(one, other);
        assertThat(one).isNotEqualTo(other).hasSameHashCodeAs(other);
    }

    private static SourceRecord stamped(ConnectHeaders headers) {
        SourceRecord record = new SourceRecord(
                PARTITION,
                MirrorUtils.wrapOffset(42),
                "flights.events",
                1,
                Schema.OPTIONAL_BYTES_SCHEMA,
                bytes("key"),
                Schema.BYTES_SCHEMA,
                bytes("value"),
                7L,
                headers);
        return new StampedRecord(
                record,
                PARTITION,
                MirrorOffsets.offset(STAMP.offset(), STAMP.topicId().toString(), Optional.empty()),
                STAMP,
                true);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
