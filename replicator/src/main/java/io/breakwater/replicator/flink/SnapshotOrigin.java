package io.breakwater.replicator.flink;

import io.breakwater.platform.OffsetVector;
import java.util.Optional;

/** Where the snapshots of a job come from. */
@FunctionalInterface
interface SnapshotOrigin {

    /** The ends of what the job writes, now. */
    @FunctionalInterface
    interface Ends {
        OffsetVector read() throws InterruptedException;
    }

    /**
     * Blocks until there is one.
     *
     * @param ends of the outputs that the job declares, to be read before the snapshot begins; empty if it declares none
     * @throws SnapshotAbandonedException if there is none for now
     */
    TakenSnapshot take(Optional<Ends> ends) throws SnapshotAbandonedException, InterruptedException;
}
