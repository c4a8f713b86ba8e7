package io.breakwater.replicator.delta;

/** Unwinds a step of a table's mirror; it never leaves the package. */
final class MirrorHaltException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Progress progress;

    private MirrorHaltException(Progress progress, String reason) {
        super(reason, null, false, false);
        this.progress = progress;
    }

    static MirrorHaltException waiting(String reason) {
        return new MirrorHaltException(new Progress.Waiting(reason), reason);
    }

    static MirrorHaltException stopped(String reason) {
        return new MirrorHaltException(new Progress.Stopped(reason), reason);
    }

    Progress progress() {
        return progress;
    }
}
