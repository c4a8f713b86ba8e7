package io.breakwater.controller.consensus;

import java.time.Instant;
import java.util.Locale;

/** Whether this node takes part in consensus. */
public sealed interface RaftHealth {

    /** Its Raft server runs. */
    record Serving() implements RaftHealth {}

    /**
     * Its Raft server is ended: the node does not lead, does not vote in elections and appends nothing. The others go on.
     *
     * @param since by this node's clock
     * @param why for a person
     * @param remedy what a person does about it
     */
    record Stopped(Cause cause, Instant since, String why, String remedy) implements RaftHealth {}

    /** Why a Raft server was ended. */
    enum Cause {
        /** There is too little room for the log. */
        DISK_FULL,
        /** The log could not be written or read, or what it holds could not be applied. */
        LOG_FAILED,
        /** The process was not run for so long that Ratis gave up. */
        STOOD_STILL;

        /** As in the API and in metrics. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
