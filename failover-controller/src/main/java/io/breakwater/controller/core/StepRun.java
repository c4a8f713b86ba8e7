package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.Optional;

/**
 * How far one step of an operation has come.
 *
 * @param attempts how often it was begun
 * @param detail what the last attempt that ended left for later steps and readers; an empty object if nothing
 * @param failure why the last attempt that ended failed
 */
public record StepRun(
        String step,
        State state,
        Instant beganAt,
        Optional<Instant> endedAt,
        int attempts,
        JsonNode detail,
        Optional<String> failure) {

    /** So long may be what an operation of an older epoch keeps of each step; as JSON text. */
    private static final int KEPT_CHARS = 16 * 1024;

    /** Lower case as in the API. */
    public enum State {
        running,
        done,
        failed
    }

    static StepRun begun(String step, Instant now) {
        return new StepRun(
                step, State.running, now, Optional.empty(), 1, JsonNodeFactory.instance.objectNode(), Optional.empty());
    }

    /** Begun again, by the same leader after a failure or by the next one. The first beginning counts. */
    StepRun begunAgain() {
        return new StepRun(step, State.running, beganAt, Optional.empty(), attempts + 1, detail, failure);
    }

    /** For the time after its epoch, in which no step reads it any more: the evidence log has a long detail. */
    StepRun withShortDetail() {
        int length = detail.toString().length();
        return length <= KEPT_CHARS
                ? this
                : new StepRun(
                        step,
                        state,
                        beganAt,
                        endedAt,
                        attempts,
                        JsonNodeFactory.instance.objectNode().put("inEvidenceLog", length),
                        failure);
    }

    StepRun done(JsonNode result, Instant now) {
        return new StepRun(step, State.done, beganAt, Optional.of(now), attempts, result, Optional.empty());
    }

    StepRun failed(String why, Instant now) {
        return new StepRun(step, State.failed, beganAt, Optional.of(now), attempts, detail, Optional.of(why));
    }
}
