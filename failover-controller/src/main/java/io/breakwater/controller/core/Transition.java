package io.breakwater.controller.core;

import java.util.List;

/**
 * What an event did.
 *
 * @param effects that were not to be done before it; a new leader begins with {@link ControlMachine#outstanding}
 * @param evidence entries that every node appends to its evidence log, from index {@code state.evidence().size() -
 *     evidence.size()} on
 */
public record Transition(ControlState state, List<Effect> effects, Reply reply, List<String> evidence) {

    public Transition {
        effects = List.copyOf(effects);
        evidence = List.copyOf(evidence);
    }
}
