package io.breakwater.replicator.delta;

import io.breakwater.platform.ReplicaPosition;
import java.time.Instant;
import java.util.Optional;

/**
 * A version that is complete and verified on the target.
 *
 * @param committed the time that the source's commit says
 * @param readersTime by which a reader at the source finds the version "as of" a time
 * @param inputs the table's transactions at this version
 * @param carried what the version brought
 * @param notice what an operator should know about it
 */
public record MirroredVersion(
        long version,
        Instant committed,
        Instant readersTime,
        WriterInputs inputs,
        ReplicaPosition.Carried carried,
        Optional<String> notice) {}
