package io.breakwater.controller.runbook;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;

/** How one run of a step ended. */
public sealed interface StepOutcome {

    /** @param detail what later steps and readers get to know; small (at most some tens of kilobytes as JSON) */
    record Done(ObjectNode detail) implements StepOutcome {}

    /** Tried again within the step's time-out. The reason is for people. */
    record Failed(String reason) implements StepOutcome {}

    /** Done, with nothing to tell. */
    static Done done() {
        return new Done(JsonNodeFactory.instance.objectNode());
    }

    /** Done, with a record as its detail; {@link StepContext#detail} reads it again. */
    static Done done(Object detail) {
        return new Done(Json.MAPPER.valueToTree(detail));
    }
}
