package io.breakwater.local.outcome;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What became of the table.
 *
 * @param sourceVersion the newest that the region that was left had at the kill
 * @param replicaVersion the newest complete one in the other region, which was promoted
 * @param rows how many that version has
 * @param rowsMatch whether that version has the same rows in both regions, read by Delta Kernel
 * @param inputMatch whether they are the archiver's input up to the version's own positions
 * @param continuedVersion the newest in the promoted region
 * @param continuedMatch whether its rows are the promoted region's records up to that version's own positions
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DeltaOutcome(
        long sourceVersion,
        long replicaVersion,
        long rows,
        boolean rowsMatch,
        boolean inputMatch,
        long continuedVersion,
        boolean continuedMatch) {}
