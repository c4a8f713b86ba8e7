package io.breakwater.controller.core;

/**
 * A moment in an operation's life at which its leader ends.
 *
 * @param step of the runbook; {@link #THE_END} for the end of the operation itself
 */
record CrashPoint(String step, Moment moment) {

    static final String THE_END = "(end of the operation)";

    /** Each with what becomes of the message that the leader was just sending. */
    enum Moment {
        /** Its message that the step begins is lost with it. */
        BEFORE_BEGIN,
        /** That message comes when the next leader is at work already. */
        BEGIN_COMES_LATE,
        /** The step has begun by the log, and nothing of it is done. */
        AFTER_BEGIN,
        /** The work is half done; what a step has to propose is lost. */
        IN_THE_WORK,
        /** All the work is done, and the message of the step's end is lost. */
        BEFORE_END,
        /** That message comes when the next leader is at work already. */
        END_COMES_LATE,
        /** The step is done by the log, and its leader has heard nothing of it. */
        AFTER_END
    }

    @Override
    public String toString() {
        return step + " " + moment;
    }
}
