package io.breakwater.replicator.delta;

/** Unwinds a step of a table's mirror; it never leaves the package. */
final class MirrorHaltException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Progress progress;

    private final boolean filesGone;

    private MirrorHaltException(Progress progress, String reason, boolean filesGone) {
        super(reason, null, false, false);
        this.progress = progress;
        this.filesGone = filesGone;
    }

    /** The source no longer has files that its commits need; a checkpoint may do without them. */
    static MirrorHaltException filesGone(String reason) {
        return new MirrorHaltException(new Progress.Waiting(reason), reason, true);
    }

    static MirrorHaltException waiting(String reason) {
        return new MirrorHaltException(new Progress.Waiting(reason), reason, false);
    }

    static MirrorHaltException stopped(String reason) {
        return new MirrorHaltException(new Progress.Stopped(reason), reason, false);
    }

    /** Nothing is left of the source; the replica is all there is. */
    static MirrorHaltException sourceGone(String reason) {
        return new MirrorHaltException(new Progress.Stopped(reason, true), reason, false);
    }

    boolean isFilesGone() {
        return filesGone;
    }

    Progress progress() {
        return progress;
    }
}
