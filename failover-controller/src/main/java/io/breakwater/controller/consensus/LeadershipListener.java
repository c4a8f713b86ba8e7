package io.breakwater.controller.consensus;

/** Hears when this node begins and ceases to lead. Called on a thread of Ratis: it must not block. */
public interface LeadershipListener {

    /** This node leads, and has applied all that was committed before. */
    void leads();

    void follows();

    /** The Raft server ended by itself: its log failed, or the JVM stood still for too long. */
    void ended();

    /** An entry could not be written to the log: the Raft server is good for nothing more, but Ratis does not end it. */
    default void logFailed(Throwable why) {
        ended();
    }
}
