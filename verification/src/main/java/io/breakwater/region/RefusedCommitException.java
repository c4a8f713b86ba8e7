package io.breakwater.region;

import io.breakwater.region.CommitContent.Reason;

/** Unwinds the parser of a commit; it never leaves the package. */
final class RefusedCommitException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    RefusedCommitException(Reason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    CommitContent.Refused refused(long line) {
        return new CommitContent.Refused(reason, "line " + line + ": " + getMessage());
    }
}
