package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;

/** The partitions of a protection group on the standby, as the mirror has filled them. For one thread. */
public interface MirroredPartitions {

    /**
     * The last stable offsets of those of the partitions that the standby has; as of a few seconds ago, what is there.
     *
     * @throws org.apache.kafka.common.KafkaException if the standby does not answer
     */
    Map<PartitionKey, Long> ends(Set<PartitionKey> partitions, Instant now) throws InterruptedException;

    /**
     * Where source positions are on the standby.
     *
     * @throws org.apache.kafka.common.KafkaException if a cluster does not answer
     */
    SortedMap<PartitionKey, SortedMap<Long, Translation>> search(SortedMap<PartitionKey, SortedSet<Long>> positions)
            throws InterruptedException;
}
