package io.breakwater.controller.signal;

/** What one probe found. Reasons are written for people and hold no text of an exception. */
public sealed interface SignalReading {

    /** The component does its work. */
    record Healthy() implements SignalReading {}

    /** It does not answer, or answers that it cannot do its work. */
    record Unhealthy(String reason) implements SignalReading {}

    /** Nothing can be said, for example because it refused this node's credentials. Never counts as unhealthy. */
    record Unknown(String reason) implements SignalReading {}

    /**
     * This node is not allowed to ask. As unknown, and besides it the class of the signal does not wait for it: the
     * others of the class decide.
     */
    record NotPermitted(String reason) implements SignalReading {}
}
