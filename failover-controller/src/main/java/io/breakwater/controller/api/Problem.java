package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.Denial;
import io.breakwater.platform.Json;
import java.util.List;

/**
 * An answer that says why not, after RFC 9457. The kind's type is stable; texts are ours, never an exception's.
 *
 * @param errors places in the request that are wrong
 * @param denials what the control state has against it
 */
record Problem(Kind kind, String detail, List<Fault> errors, List<Denial> denials) {

    private static final String TYPE_PREFIX = "urn:breakwater:problem:";

    enum Kind {
        INVALID_REQUEST(400, "invalid-request", "The request is not as the contract says"),
        UNAUTHENTICATED(401, "unauthenticated", "A valid bearer token is needed"),
        NOT_FOUND(404, "not-found", "There is no such thing"),
        METHOD_NOT_ALLOWED(405, "method-not-allowed", "This path has no such method"),
        REFUSED(409, "refused", "The control state forbids it"),
        TOO_LARGE(413, "too-large", "The request is too large"),
        UNSUPPORTED_MEDIA_TYPE(415, "unsupported-media-type", "The body has to be application/json"),
        INTERNAL(500, "internal", "This node failed to answer"),
        BUSY(429, "busy", "This node has enough to do"),
        UNAVAILABLE(503, "unavailable", "No majority of the nodes answered in time"),
        LEAD_NOT_TAKEN(503, "lead-not-taken", "The node did not take the lead"),
        NODES_NOT_CHANGED(503, "nodes-not-changed", "The nodes were not changed"),
        REGION_UNREACHABLE(503, "region-unreachable", "A region did not answer");

        private final int status;
        private final String name;
        private final String title;

        Kind(int status, String name, String title) {
            this.status = status;
            this.name = name;
            this.title = title;
        }

        int status() {
            return status;
        }
    }

    /** @param at a JSON pointer into the body, or a parameter's name */
    record Fault(String at, String error) {}

    Problem {
        errors = List.copyOf(errors);
        denials = List.copyOf(denials);
    }

    static Problem of(Kind kind, String detail) {
        return new Problem(kind, detail, List.of(), List.of());
    }

    static Problem notFound(String what, String name) {
        return of(Kind.NOT_FOUND, "there is no " + what + " '" + name + "'");
    }

    /** A refusal because the group does not exist is a 404, every other one a 409. */
    static Problem refused(List<Denial> denials) {
        for (Denial denial : denials) {
            if (denial instanceof Denial.UnknownGroup) {
                return new Problem(Kind.NOT_FOUND, denial.message(), List.of(), denials);
            }
        }
        String detail = String.join("; ", denials.stream().map(Denial::message).toList());
        return new Problem(Kind.REFUSED, detail, List.of(), denials);
    }

    int status() {
        return kind.status;
    }

    /** @param instance the path that was asked for */
    ObjectNode toJson(String instance) {
        ObjectNode json = Json.MAPPER
                .createObjectNode()
                .put("type", TYPE_PREFIX + kind.name)
                .put("title", kind.title)
                .put("status", kind.status)
                .put("detail", detail)
                .put("instance", instance);
        if (!errors.isEmpty()) {
            ArrayNode array = json.putArray("errors");
            errors.forEach(error -> array.addObject().put("at", error.at()).put("error", error.error()));
        }
        if (!denials.isEmpty()) {
            json.set("denials", denials(denials));
        }
        return json;
    }

    static ArrayNode denials(List<Denial> denials) {
        ArrayNode array = Json.MAPPER.createArrayNode();
        denials.forEach(denial -> array.addObject()
                .put("denial", denial.getClass().getSimpleName())
                .put("message", denial.message()));
        return array;
    }
}
