package io.breakwater.replicator.flink.snapshot;

/** A snapshot that cannot be read, or holds something that cannot be carried to another region. Says which operator. */
public final class UnsupportedSnapshotException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    UnsupportedSnapshotException(String reason) {
        super(reason);
        this.reason = reason;
    }

    UnsupportedSnapshotException(String reason, Throwable cause) {
        super(reason, cause);
        this.reason = reason;
    }

    private UnsupportedSnapshotException(String operator, UnsupportedSnapshotException inside) {
        super("operator " + operator + ": " + inside.reason, inside);
        this.reason = inside.reason;
    }

    /** Why, without the operator's name. */
    String reason() {
        return reason;
    }

    UnsupportedSnapshotException in(String operator) {
        return new UnsupportedSnapshotException(operator, this);
    }
}
