package io.breakwater.region.ledger;

/** A loss ledger is not there, or not as its format says. The message names file, place and what was expected. */
public final class InvalidLedgerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidLedgerException(String message) {
        super(message);
    }
}
