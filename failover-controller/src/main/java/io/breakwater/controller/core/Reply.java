package io.breakwater.controller.core;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.breakwater.platform.Epoch;
import java.util.List;

/** What the machine answers to the proposer of an event. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "reply")
@JsonSubTypes({
    @JsonSubTypes.Type(Reply.Accepted.class),
    @JsonSubTypes.Type(Reply.OperationBegun.class),
    @JsonSubTypes.Type(Reply.AwaitsApproval.class),
    @JsonSubTypes.Type(Reply.Refused.class),
    @JsonSubTypes.Type(Reply.LeaseAnswer.class)
})
public sealed interface Reply {

    record Accepted() implements Reply {}

    /** The operation that the event asked for, now or earlier under the same id. */
    record OperationBegun(String operation) implements Reply {}

    /** The operation begins once another person approves it. */
    record AwaitsApproval(String operation) implements Reply {}

    /** Nothing changed. Never empty. */
    record Refused(List<Denial> denials) implements Reply {
        public Refused {
            denials = List.copyOf(denials);
        }
    }

    /** What a region's brokers may let through, one entry for each group that has the region. */
    record LeaseAnswer(String region, List<GroupLease> groups) implements Reply {
        public LeaseAnswer {
            groups = List.copyOf(groups);
        }
    }

    /** @param leaseMillis how long it holds, counted by the broker from before its pull */
    record GroupLease(String group, boolean active, Epoch epoch, boolean ingress, boolean pipeline, long leaseMillis) {}

    @JsonIgnore
    default boolean isRefused() {
        return this instanceof Refused;
    }
}
