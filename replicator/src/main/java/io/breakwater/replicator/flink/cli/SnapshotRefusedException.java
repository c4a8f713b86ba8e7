package io.breakwater.replicator.flink.cli;

/** A snapshot that is not whole or cannot be carried over; the message says which, and why. */
final class SnapshotRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SnapshotRefusedException(String message) {
        super(message);
    }
}
