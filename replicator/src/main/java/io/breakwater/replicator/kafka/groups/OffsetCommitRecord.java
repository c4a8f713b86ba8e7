package io.breakwater.replicator.kafka.groups;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * A record of {@code __consumer_offsets} that is about a position; the topic holds others, about members. Read with
 * Kafka's own schemas: two bytes of type and then the key, two bytes of version and then the value.
 *
 * @param commit empty if the position was deleted, or has expired
 */
record OffsetCommitRecord(String group, TopicPartition partition, Optional<Commit> commit) {

    /**
     * Whatever else a record is about, empty is the answer.
     *
     * @throws IllegalArgumentException if the value has a version that this release does not know
     */
    static Optional<OffsetCommitRecord> of(ConsumerRecord<byte[], byte[]> record) {
        if (record.key() == null || record.key().length < Short.BYTES) {
            return Optional.empty();
        }
        ByteBuffer key = ByteBuffer.wrap(record.key());
        short type = key.getShort();
        // Its predecessor of before Kafka 0.9 has the same key.
        if (type != CoordinatorRecordType.OFFSET_COMMIT.id()
                && type != CoordinatorRecordType.LEGACY_OFFSET_COMMIT.id()) {
            return Optional.empty();
        }
        OffsetCommitKey position = new OffsetCommitKey(new ByteBufferAccessor(key), (short) 0);
        return Optional.of(new OffsetCommitRecord(
                position.group(), new TopicPartition(position.topic(), position.partition()), commit(record)));
    }

    private static Optional<Commit> commit(ConsumerRecord<byte[], byte[]> record) {
        if (record.value() == null) {
            return Optional.empty();
        }
        ByteBuffer value = ByteBuffer.wrap(record.value());
        short version = value.getShort();
        if (version < OffsetCommitValue.LOWEST_SUPPORTED_VERSION
                || version > OffsetCommitValue.HIGHEST_SUPPORTED_VERSION) {
            throw new IllegalArgumentException(
                    "position in " + record.topic() + "-" + record.partition() + " at offset "
                            + record.offset() + " has version " + version + ": this release knows "
                            + OffsetCommitValue.LOWEST_SUPPORTED_VERSION + " to "
                            + OffsetCommitValue.HIGHEST_SUPPORTED_VERSION + "; update Breakwater");
        }
        OffsetCommitValue position = new OffsetCommitValue(new ByteBufferAccessor(value), version);
        return Optional.of(new Commit(
                position.offset(), position.metadata(), Optional.of(Instant.ofEpochMilli(position.commitTimestamp()))));
    }
}
