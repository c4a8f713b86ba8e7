package io.breakwater.replicator.flink;

import io.breakwater.region.ObjectUri;
import java.time.Instant;

/**
 * A complete snapshot of a job in its own region.
 *
 * @param restores how often the job had been restored before
 * @param triggered of a savepoint by this host's clock, of a checkpoint by its JobManager's
 * @param location its directory
 */
record TakenSnapshot(String jobId, int restores, Instant triggered, ObjectUri location) {}
