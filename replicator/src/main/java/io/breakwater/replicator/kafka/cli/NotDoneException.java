package io.breakwater.replicator.kafka.cli;

/** The command did nothing; the message says to a person why, and what to change. */
public final class NotDoneException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public NotDoneException(String message) {
        super(message);
    }
}
