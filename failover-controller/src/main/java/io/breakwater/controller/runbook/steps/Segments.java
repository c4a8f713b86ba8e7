package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.PartitionKey;
import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Where a flow ended, by partition, after its mirror was fenced: the detail of {@link RecordSegmentsStep}. Positions of
 * the old active region are translated against it, and its loss ledger begins here.
 *
 * @param sourceClusterId of the region that was left; empty if nothing was ever mirrored
 */
public record Segments(Optional<String> sourceClusterId, SortedMap<PartitionKey, Segment> partitions) {

    /**
     * @param sourceEnd exclusive: the source offset from which on records did not arrive
     * @param targetEnd the target's end when the flow was fenced
     * @param lastTimestamp of the last record that arrived
     * @param sourceBegin inclusive: where the flow began on the source
     * @param targetBegin inclusive: where it began on the target
     */
    public record Segment(
            long sourceEnd, long targetEnd, Optional<Instant> lastTimestamp, long sourceBegin, long targetBegin) {}

    /** 0 for a partition that never was mirrored. */
    public long sourceEnd(PartitionKey partition) {
        Segment segment = partitions.get(partition);
        return segment == null ? 0 : segment.sourceEnd();
    }
}
