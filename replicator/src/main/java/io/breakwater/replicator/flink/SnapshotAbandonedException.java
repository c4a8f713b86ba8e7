package io.breakwater.replicator.flink;

/** A savepoint will not become restorable on the standby, or could not be taken; older ones stay as they are. */
final class SnapshotAbandonedException extends Exception {

    private static final long serialVersionUID = 1L;

    SnapshotAbandonedException(String reason) {
        super(reason);
    }
}
