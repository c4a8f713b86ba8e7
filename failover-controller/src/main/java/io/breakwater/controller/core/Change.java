package io.breakwater.controller.core;

import java.util.List;

/** What one event changed, before the machine adds what follows from it. */
record Change(ControlState state, Reply reply) {

    static Change accepted(ControlState state) {
        return new Change(state, new Reply.Accepted());
    }

    static Change refused(ControlState state, Denial... denials) {
        return new Change(state, new Reply.Refused(List.of(denials)));
    }

    static Change refused(ControlState state, List<Denial> denials) {
        return new Change(state, new Reply.Refused(denials));
    }
}
