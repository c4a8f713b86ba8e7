package io.breakwater.replicator.flink;

import io.breakwater.platform.OffsetVector;
import java.util.Optional;

/**
 * Where source positions stand on the standby. Each method fails with {@link org.apache.kafka.common.KafkaException} if
 * a cluster does not answer.
 */
interface Coverage {

    /**
     * The ends of all partitions of the job's declared outputs on the source, of all topics of the group but derived ones
     * if it declares none, with what is in open transactions. Read after a snapshot, they are past everything that the job wrote before
     * it.
     */
    OffsetVector writtenEnds() throws InterruptedException;

    /** A partition of which not everything below its end in the vector is on the standby, with figures; for people. */
    Optional<String> notMirrored(OffsetVector wanted);

    /** A partition of which the source has open transactions below its end in the vector, with figures; for people. */
    Optional<String> notCommitted(OffsetVector wanted) throws InterruptedException;

    /** Positions on the standby; a partition that is not there is left out. */
    OffsetVector translate(OffsetVector sourcePositions) throws InterruptedException;
}
