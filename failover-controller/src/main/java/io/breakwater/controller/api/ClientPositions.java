package io.breakwater.controller.api;

import io.breakwater.controller.core.GroupState;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import java.util.SortedMap;

/** Positions of clients that keep them elsewhere than in Kafka, translated from one region to another. */
@FunctionalInterface
public interface ClientPositions {

    /**
     * Blocks until the clusters have been read; called on several threads at once.
     *
     * @param flow from the region that the positions are of, to the one they are wanted on
     * @return positions that cannot be told are left out
     * @throws org.apache.kafka.common.KafkaException if a cluster does not answer
     */
    SortedMap<PartitionKey, Translation> translate(Flow flow, GroupState group, OffsetVector positions)
            throws InterruptedException;
}
