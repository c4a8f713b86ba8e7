package io.breakwater.replicator.delta;

import java.time.Instant;

/**
 * A version that is complete and verified on the target.
 *
 * @param committed the time that the source's commit says
 * @param inputs the table's transactions at this version
 */
record MirroredVersion(long version, Instant committed, WriterInputs inputs) {}
