package io.breakwater.controller.consensus;

/** What came of a change of Raft's members. */
public enum MemberChange {
    /** The new list stands. */
    DONE,
    /** The node that was to join does not answer at its Raft address; nothing was changed. */
    NOT_REACHED,
    /** Raft keeps the old list: the node that was to join did not catch up, or another change goes on. */
    REFUSED
}
