package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.util.Set;

/** Topics that groups write, on both clusters. All methods fail with a KafkaException if a cluster does not answer. */
interface Outputs extends AutoCloseable {

    /**
     * The ends of all partitions of the topics on the source, open transactions included.
     *
     * @return without the partitions of a topic that is not there
     */
    OffsetVector ends(Set<String> topics) throws InterruptedException;

    /** Up to which source offset the partitions are mirrored. */
    OffsetVector through(Set<PartitionKey> partitions);

    @Override
    void close();
}
