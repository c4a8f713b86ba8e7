package io.breakwater.local.mirror;

import io.breakwater.local.server.KafkaServer;
import io.breakwater.local.server.Principal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.internals.Topic;

/** A group's position as a cluster's coordinator tells it. */
final class StandbyPosition {

    private StandbyPosition() {}

    static Optional<Long> of(Admin cluster, String group, TopicPartition partition) throws Exception {
        return committed(cluster, group, partition).map(OffsetAndMetadata::offset);
    }

    /** What the application committed with it. */
    static Optional<String> text(Admin cluster, String group, TopicPartition partition) throws Exception {
        return committed(cluster, group, partition).map(OffsetAndMetadata::metadata);
    }

    /** When each write of a position that the cluster still has on its disk was made, oldest first. */
    static List<Instant> written(KafkaServer cluster, String group, TopicPartition partition) {
        return LinearScan.of(cluster.client(Principal.ADMIN), List.of(Topic.GROUP_METADATA_TOPIC_NAME))
                .records()
                .values()
                .stream()
                .flatMap(List::stream)
                .filter(record -> isOf(record, group, partition))
                .map(record -> Instant.ofEpochMilli(record.timestamp()))
                .toList();
    }

    /** The key is a type of two bytes, the group and the topic with their lengths, and the partition. */
    private static boolean isOf(ConsumerRecord<byte[], byte[]> record, String group, TopicPartition partition) {
        byte[] name = group.getBytes(StandardCharsets.UTF_8);
        byte[] topic = partition.topic().getBytes(StandardCharsets.UTF_8);
        ByteBuffer position = ByteBuffer.allocate(2 * Short.BYTES + name.length + topic.length + Integer.BYTES)
                .putShort((short) name.length)
                .put(name)
                .putShort((short) topic.length)
                .put(topic)
                .putInt(partition.partition())
                .flip();
        return record.value() != null
                && ByteBuffer.wrap(record.key()).position(Short.BYTES).equals(position);
    }

    private static Optional<OffsetAndMetadata> committed(Admin cluster, String group, TopicPartition partition)
            throws Exception {
        try {
            return Optional.ofNullable(cluster.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
