package io.breakwater.region;

/** An object store did not do what was asked. The message names operation and object. */
public final class ObjectStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Unreachable and refused are different things: the first says nothing about the request. */
    public enum Reason {
        UNREACHABLE,
        REFUSED
    }

    private final Reason reason;

    public ObjectStoreException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
