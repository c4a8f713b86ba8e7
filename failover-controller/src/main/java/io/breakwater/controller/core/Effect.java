package io.breakwater.controller.core;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;

/**
 * What the leader has to do in the world. Idempotent; carries the epoch in which it was decided, and is worth nothing
 * in another one.
 */
public sealed interface Effect {

    Epoch epoch();

    /** Run the operation's runbook from its first unfinished step. */
    record RunOperation(String operation, String group, Epoch epoch) implements Effect {}

    /** Tell the connectors of the flow to run, until each has heard it; then {@link ControlEvent.FlowStarted}. */
    record StartFlow(String group, Flow flow, Epoch epoch) implements Effect {}
}
