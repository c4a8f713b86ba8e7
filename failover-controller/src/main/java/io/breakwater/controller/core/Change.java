package io.breakwater.controller.core;

import java.util.List;

/**
 * What one event changed, before the machine adds what follows from it.
 *
 * @param repeated whether the event was taken before under the same id: then its evidence is in the log already
 */
record Change(ControlState state, Reply reply, boolean repeated) {

    Change(ControlState state, Reply reply) {
        this(state, reply, false);
    }

    static Change repeated(ControlState state, Reply reply) {
        return new Change(state, reply, true);
    }

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
