package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.PartitionKey;
import java.time.Instant;
import java.util.SortedMap;

/** The positions that a protection group's groups have on the source. For one thread. */
public interface CommittedPositions extends AutoCloseable {

    /**
     * All positions as they are now, by group; a group without a position is not in it. The maps stay the caller's.
     *
     * @throws org.apache.kafka.common.KafkaException if the source does not answer; the next call tries again
     */
    SortedMap<String, SortedMap<PartitionKey, Commit>> read(Instant now) throws InterruptedException;

    @Override
    void close();
}
