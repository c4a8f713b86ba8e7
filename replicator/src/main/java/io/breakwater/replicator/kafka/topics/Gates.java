package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.PartitionKey;
import java.util.OptionalLong;

/** How far derived topics may be carried, as it is known now. */
interface Gates {

    /** The source offset below which all may be carried; empty if no snapshot has named the partition yet. */
    OptionalLong gate(PartitionKey partition);
}
