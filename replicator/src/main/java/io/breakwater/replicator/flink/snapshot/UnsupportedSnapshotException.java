package io.breakwater.replicator.flink.snapshot;

/** A snapshot that cannot be read, or holds something that cannot be carried to another region. Says which operator. */
public final class UnsupportedSnapshotException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnsupportedSnapshotException(String reason) {
        super(reason);
    }

    UnsupportedSnapshotException(String reason, Throwable cause) {
        super(reason, cause);
    }

    UnsupportedSnapshotException in(String operator) {
        return new UnsupportedSnapshotException("operator " + operator + ": " + getMessage(), this);
    }
}
