package io.breakwater.replicator.flink;

import io.breakwater.platform.OffsetVector;
import io.breakwater.region.ObjectUri;
import java.time.Instant;
import java.util.Optional;

/**
 * A complete snapshot of a job in its own region.
 *
 * @param restores how often the job had been restored before
 * @param triggered of a savepoint by this host's clock, of a checkpoint by its JobManager's
 * @param location its directory
 * @param outputsBefore ends of the job's declared outputs at a moment before it was triggered, if one is known
 */
record TakenSnapshot(
        String jobId, int restores, Instant triggered, ObjectUri location, Optional<OffsetVector> outputsBefore) {}
