package io.breakwater.controller.consensus;

import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Transition;

/** Hears of each event that this node applied, in their order, on the thread that applies them: it must not block. */
@FunctionalInterface
public interface AppliedListener {
    void applied(ControlState before, ControlEvent event, Transition transition);
}
