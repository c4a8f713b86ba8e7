package io.breakwater.local.mirror;

import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

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
