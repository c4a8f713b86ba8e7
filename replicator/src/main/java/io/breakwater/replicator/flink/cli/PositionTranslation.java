package io.breakwater.replicator.flink.cli;

import io.breakwater.platform.PartitionKey;
import java.util.Map;
import java.util.Optional;

/** Where positions of the source cluster are on the target. */
interface PositionTranslation {

    /** How {@code offsets translate} calls a place before the position: records would be applied again. */
    String EARLY = "early";

    /** How it calls the end of what is mirrored. */
    String MIRROR_END = "mirror-end";

    /**
     * @param offset on the target; empty if there is none
     * @param how it was found
     * @param why there is none, with what to do
     */
    record Place(Optional<Long> offset, String how, String why) {}

    /** The target's names of topics, as far as the translation itself says them. */
    Map<String, String> topics();

    /** @param partition of the source */
    Place place(PartitionKey partition, long offset);
}
