package io.breakwater.replicator.delta;

/** Unwinds a step of a table's mirror; it never leaves the package. */
final class MirrorHaltException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Progress progress;

    private final Kind kind;

    /** What another way may get around. */
    private enum Kind {
        NONE,
        FILES_GONE,
        CHECKPOINT_BROKEN
    }

    private MirrorHaltException(Progress progress, String reason, Kind kind) {
        super(reason, null, false, false);
        this.progress = progress;
        this.kind = kind;
    }

    /** The source no longer has files that its commits need; a checkpoint may do without them. */
    static MirrorHaltException filesGone(String reason) {
        return new MirrorHaltException(new Progress.Waiting(reason), reason, Kind.FILES_GONE);
    }

    /** A checkpoint is not what it should be; an older one, or the commits, may do. */
    static MirrorHaltException checkpointBroken(String reason) {
        return new MirrorHaltException(new Progress.Waiting(reason), reason, Kind.CHECKPOINT_BROKEN);
    }

    static MirrorHaltException waiting(String reason) {
        return new MirrorHaltException(new Progress.Waiting(reason), reason, Kind.NONE);
    }

    static MirrorHaltException stopped(String reason) {
        return new MirrorHaltException(new Progress.Stopped(reason), reason, Kind.NONE);
    }

    /** Nothing is left of the source; the replica is all there is. */
    static MirrorHaltException sourceGone(String reason) {
        return new MirrorHaltException(new Progress.Stopped(reason, true), reason, Kind.NONE);
    }

    boolean isFilesGone() {
        return kind == Kind.FILES_GONE;
    }

    boolean isCheckpointBroken() {
        return kind == Kind.CHECKPOINT_BROKEN;
    }

    Progress progress() {
        return progress;
    }
}
