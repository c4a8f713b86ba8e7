package io.breakwater.evidence;

/** The evidence log refuses, because going on would change or lose what it proves. The message names file or index. */
public final class EvidenceException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public enum Reason {
        /** Other bytes stand at this index already. */
        CONFLICT,
        /** Entries before this index are missing. */
        GAP,
        /** More bytes than an entry can have: make it an object of its own and its digest the entry. */
        TOO_LARGE,
        /** The files are not what was signed. */
        CORRUPT,
        /** The key file cannot be used, or is another log's. */
        KEY,
        /** Another process has the log open. */
        LOCKED
    }

    private final Reason reason;

    public EvidenceException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public EvidenceException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
