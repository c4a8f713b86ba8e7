package io.breakwater.replicator.flink;

/** Where the snapshots of a job come from. */
@FunctionalInterface
interface SnapshotOrigin {

    /**
     * Blocks until there is one.
     *
     * @throws SnapshotAbandonedException if there is none for now
     */
    TakenSnapshot take() throws SnapshotAbandonedException, InterruptedException;
}
