package io.breakwater.controller.consensus;

/** What came of a change of Raft's members. */
public enum MemberChange {
    /** The new list stands. */
    DONE,
    /** The node that was to join does not answer at its Raft address; nothing was changed. */
    NOT_REACHED,
    /**
     * Raft has kept the old list so far: the node that joins has not caught up, or another change goes on. It may still be
     * taken in.
     */
    NOT_YET
}
