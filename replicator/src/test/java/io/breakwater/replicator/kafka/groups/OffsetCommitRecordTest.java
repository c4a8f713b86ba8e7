package io.breakwater.replicator.kafka.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetCommitRecordTest {

    private static final Instant COMMITTED = Instant.parse("2026-11-22T12:00:00Z");
    private static final TopicPartition EVENTS = new TopicPartition("flights.events", 3);

    @ParameterizedTest
    @ValueSource(shorts = {0, 1, 2, 3, 4})
    void readsACommitOfEveryVersion(short version) {
        byte[] value = MessageUtil.toVersionPrefixedBytes(
                version,
                new OffsetCommitValue()
                        .setOffset(77)
                        .setMetadata("batch 7")
                        .setCommitTimestamp(COMMITTED.toEpochMilli()));

        assertThat(OffsetCommitRecord.of(record(key(), value)))
                .contains(new OffsetCommitRecord(
                        "flights-a", EVENTS, Optional.of(new Commit(77, "batch 7", Optional.of(COMMITTED)))));
    }

    @Test
    void aTombstoneIsADeletion() {
        assertThat(OffsetCommitRecord.of(record(key(), null)))
                .contains(new OffsetCommitRecord("flights-a", EVENTS, Optional.empty()));
    }

    @Test
    void whatIsAboutMembersIsSteppedOver() {
        byte[] group = MessageUtil.toVersionPrefixedBytes(
                CoordinatorRecordType.GROUP_METADATA.id(), new GroupMetadataKey().setGroup("flights-a"));

        assertThat(OffsetCommitRecord.of(record(group, new byte[0]))).isEmpty();
        assertThat(OffsetCommitRecord.of(record(new byte[1], new byte[0]))).isEmpty();
        assertThat(OffsetCommitRecord.of(record(null, new byte[0]))).isEmpty();
    }

    @Test
    void anUnknownVersionIsRefusedWithItsPlace() {
        byte[] value = ByteBuffer.allocate(10).putShort((short) 99).array();

        assertThatThrownBy(() -> OffsetCommitRecord.of(record(key(), value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("__consumer_offsets-7 at offset 1234")
                .hasMessageContaining("99");
    }

    private static byte[] key() {
        return MessageUtil.toVersionPrefixedBytes(
                CoordinatorRecordType.OFFSET_COMMIT.id(),
                new OffsetCommitKey()
                        .setGroup("flights-a")
                        .setTopic(EVENTS.topic())
                        .setPartition(EVENTS.partition()));
    }

    private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] key, byte @Nullable [] value) {
        return new ConsumerRecord<>("__consumer_offsets", 7, 1234, key, value);
    }
}
