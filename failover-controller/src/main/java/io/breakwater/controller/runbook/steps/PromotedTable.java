package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.ObjectUri;
import java.util.List;
import java.util.SortedMap;

/**
 * A table that the promoted region has claimed.
 *
 * @param location in the promoted region
 * @param version the newest version that was replicated
 * @param promotedVersion of the promotion commit
 * @param positions where the table's writer goes on, in offsets of the promoted region's cluster
 */
public record PromotedTable(
        String table, ObjectUri location, long version, long promotedVersion, SortedMap<PartitionKey, Long> positions) {

    /** The detail of {@link PromoteTablesStep}. */
    public record All(List<PromotedTable> tables) {
        public All {
            tables = List.copyOf(tables);
        }
    }
}
