package io.breakwater.region;

import org.jspecify.annotations.Nullable;

/** An object store did not do what was asked. The message names operation and object. */
public final class ObjectStoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Unreachable and refused are different things: the first says nothing about the request. */
    public enum Reason {
        UNREACHABLE,
        REFUSED
    }

    private final Reason reason;
    private final boolean mayPass;

    public ObjectStoreException(Reason reason, String message, @Nullable Throwable cause) {
        this(reason, true, message, cause);
    }

    /** @param mayPass see {@link #mayPass} */
    public ObjectStoreException(Reason reason, boolean mayPass, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.mayPass = mayPass;
    }

    public Reason reason() {
        return reason;
    }

    /** Whether the same request may succeed later: false of wrong keys, for example. */
    public boolean mayPass() {
        return mayPass;
    }
}
