package io.breakwater.controller.runbook;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;

/** How one run of a step ended. */
public sealed interface StepOutcome {

    /** @param detail what later steps and readers get to know; some megabytes as JSON at most, it goes through consensus */
    record Done(ObjectNode detail) implements StepOutcome {}

    /**
     * Tried again within the step's time-out.
     *
     * @param reason for people; one that names thousands of partitions is cut after {@link #REASON_CHARS} characters
     */
    record Failed(String reason) implements StepOutcome {

        static final int REASON_CHARS = 4_000;

        public Failed {
            if (reason.length() > REASON_CHARS) {
                reason = reason.substring(0, REASON_CHARS) + "... (" + reason.length() + " characters in all)";
            }
        }
    }

    /** Done, with nothing to tell. */
    static Done done() {
        return new Done(JsonNodeFactory.instance.objectNode());
    }

    /** Done, with a record as its detail; {@link StepContext#detail} reads it again. */
    static Done done(Object detail) {
        return new Done(Json.MAPPER.valueToTree(detail));
    }
}
