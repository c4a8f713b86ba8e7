package io.breakwater.controller.core;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Segment;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Something that a node saw or asks for. Nothing changes but by an event that went through consensus. Events that
 * belong in the evidence log bring their entries' exact text; they are appended only if the event is accepted.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(ControlEvent.PlatformAdopted.class),
    @JsonSubTypes.Type(ControlEvent.VerdictVoted.class),
    @JsonSubTypes.Type(ControlEvent.LeaseRenewal.class),
    @JsonSubTypes.Type(ControlEvent.LeaseLapsed.class),
    @JsonSubTypes.Type(ControlEvent.OperationRequested.class),
    @JsonSubTypes.Type(ControlEvent.OperationApproved.class),
    @JsonSubTypes.Type(ControlEvent.StepApproved.class),
    @JsonSubTypes.Type(ControlEvent.OperationDecided.class),
    @JsonSubTypes.Type(ControlEvent.StepBegan.class),
    @JsonSubTypes.Type(ControlEvent.StepEnded.class),
    @JsonSubTypes.Type(ControlEvent.PointOfNoReturnPassed.class),
    @JsonSubTypes.Type(ControlEvent.GateOpened.class),
    @JsonSubTypes.Type(ControlEvent.OperationFinished.class),
    @JsonSubTypes.Type(ControlEvent.ReadinessReported.class),
    @JsonSubTypes.Type(ControlEvent.FlowStarted.class),
    @JsonSubTypes.Type(ControlEvent.SegmentBegun.class),
    @JsonSubTypes.Type(ControlEvent.SegmentEnded.class),
    @JsonSubTypes.Type(ControlEvent.JobsFenced.class),
    @JsonSubTypes.Type(ControlEvent.FenceReported.class),
    @JsonSubTypes.Type(ControlEvent.FenceLifted.class),
    @JsonSubTypes.Type(ControlEvent.FenceWaived.class),
    @JsonSubTypes.Type(ControlEvent.FreezeChanged.class),
    @JsonSubTypes.Type(ControlEvent.CoolDownAcknowledged.class),
    @JsonSubTypes.Type(ControlEvent.LeadTransferRequested.class),
    @JsonSubTypes.Type(ControlEvent.NodesChangeRequested.class),
    @JsonSubTypes.Type(ControlEvent.EvidenceRecorded.class),
    @JsonSubTypes.Type(ControlEvent.EvidencePublished.class)
})
public sealed interface ControlEvent {

    /** In the place of a group's name. */
    String ALL_GROUPS = "*";

    /** Entries for the evidence log: the exact text of each, at most 65,535 bytes as UTF-8. */
    default List<String> evidence() {
        return List.of();
    }

    /** The leader's platform file, at its first sight and after each change. */
    record PlatformAdopted(Settings settings) implements ControlEvent {}

    /** One node's verdicts of all regions. */
    record VerdictVoted(String node, SortedMap<String, RegionVerdict> verdicts) implements ControlEvent {
        public VerdictVoted {
            verdicts = Collections.unmodifiableSortedMap(new TreeMap<>(verdicts));
        }

        public static VerdictVoted of(String node, Map<String, RegionVerdict> verdicts) {
            return new VerdictVoted(node, new TreeMap<>(verdicts));
        }
    }

    /**
     * A broker's pull: it is answered with {@link Reply.LeaseAnswer}, and is the renewal of the active region's lease.
     *
     * @param renewalId unique; makes a repeated proposal harmless
     */
    record LeaseRenewal(String region, String broker, String renewalId) implements ControlEvent {}

    /**
     * The leader waited lease and margin on its own monotonic clock since the renewal with this index, or since its
     * election. Refused if a newer renewal stands.
     */
    record LeaseLapsed(String group, Epoch epoch, long renewalIndex) implements ControlEvent {}

    /**
     * A person asks.
     *
     * @param id of the operation; the same id again is answered with the same operation
     * @param acceptLoss that the person accepts a loss beyond the budget
     */
    record OperationRequested(
            String id,
            String kind,
            String group,
            String requestedBy,
            String reason,
            boolean acceptLoss,
            List<String> evidence)
            implements ControlEvent {
        public OperationRequested {
            evidence = List.copyOf(evidence);
        }
    }

    /** Another person agrees to what one has asked for, where the group's policy needs two. */
    record OperationApproved(String id, String group, String approvedBy, String reason, List<String> evidence)
            implements ControlEvent {
        public OperationApproved {
            evidence = List.copyOf(evidence);
        }
    }

    /** A person lets a running operation pass a step that waits for that. */
    record StepApproved(
            String operation, Epoch epoch, String step, String approvedBy, String reason, List<String> evidence)
            implements ControlEvent {
        public StepApproved {
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * The leader found that an operation is due; the machine checks each guard again.
     *
     * @param epoch of the group when it was found
     */
    record OperationDecided(String id, String kind, String group, Epoch epoch, String reason, List<String> evidence)
            implements ControlEvent {
        public OperationDecided {
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * @param attempt one more than the attempts that the proposer knows of: of two leaders that both take themselves
     *     for the one, only one begins it
     */
    record StepBegan(String operation, Epoch epoch, String step, int attempt) implements ControlEvent {}

    /**
     * @param attempt that has ended; an end that comes late, when the next leader has begun the step again, is refused
     * @param detail what the step leaves for later steps and readers; an empty object if nothing
     */
    record StepEnded(
            String operation,
            Epoch epoch,
            String step,
            int attempt,
            StepResult result,
            JsonNode detail,
            List<String> evidence)
            implements ControlEvent {
        public StepEnded {
            evidence = List.copyOf(evidence);
        }
    }

    /** From here there is only forward: the region that is left is no longer the active one. */
    record PointOfNoReturnPassed(String operation, Epoch epoch) implements ControlEvent {}

    record GateOpened(String group, Epoch epoch, Gate gate) implements ControlEvent {}

    /** The runner is through with an operation. */
    record OperationFinished(String operation, Epoch epoch, StepResult result, List<String> evidence)
            implements ControlEvent {
        public OperationFinished {
            evidence = List.copyOf(evidence);
        }
    }

    record ReadinessReported(String group, Epoch epoch, Readiness readiness) implements ControlEvent {}

    /** The connectors of the group's flow were told to run. */
    record FlowStarted(String group, Epoch epoch) implements ControlEvent {}

    /**
     * The flow that keeps the standby ready will run from here; nothing of it has yet. Proposed before its connectors
     * are told.
     *
     * @param segment open, of the group's flow and epoch
     * @param logBegins by region, the first offsets that its cluster still has, where they are above 0: older ranges
     *     whose records are gone need not be kept
     */
    record SegmentBegun(String group, Segment segment, SortedMap<String, OffsetVector> logBegins, List<String> evidence)
            implements ControlEvent {
        public SegmentBegun {
            logBegins = Collections.unmodifiableSortedMap(new TreeMap<>(logBegins));
            evidence = List.copyOf(evidence);
        }
    }

    /** Where the flow was fenced by the running operation that takes the active role from its source. */
    record SegmentEnded(String operation, Epoch epoch, Segment segment) implements ControlEvent {}

    /**
     * What the leader saw and did of jobs in the region that was left. It proposes this before it ends a job that it
     * has seen: accepted, the job cannot be one that was restored there since.
     */
    record JobsFenced(String group, Epoch epoch, JobFence fence, List<String> evidence) implements ControlEvent {
        public JobsFenced {
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * What is known of the fence of a region that ACLs close. Confirmed, while an operation takes the active role from
     * the region, it stands for the lease's lapse.
     */
    record FenceReported(String group, Epoch epoch, String region, FenceState fence, List<String> evidence)
            implements ControlEvent {
        public FenceReported {
            evidence = List.copyOf(evidence);
        }
    }

    /** ACLs that close the active region, such as those of an operation that was undone, are about to be taken away. */
    record FenceLifted(String group, Epoch epoch, String region, List<String> evidence) implements ControlEvent {
        public FenceLifted {
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * Nobody could confirm the fence of a region that ACLs close, and a person answers for its being closed.
     *
     * @param step under which the person has approved that
     */
    record FenceWaived(String operation, Epoch epoch, String step, List<String> evidence) implements ControlEvent {
        public FenceWaived {
            evidence = List.copyOf(evidence);
        }
    }

    /** @param group {@link #ALL_GROUPS} for all, also those that come later */
    record FreezeChanged(String group, boolean frozen, String requestedBy, String reason, List<String> evidence)
            implements ControlEvent {
        public FreezeChanged {
            evidence = List.copyOf(evidence);
        }
    }

    record CoolDownAcknowledged(String group, String requestedBy, String reason, List<String> evidence)
            implements ControlEvent {
        public CoolDownAcknowledged {
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * A person wants another node to lead; accepted, the node that was asked has Raft hand the lead over.
     *
     * @param region where that node stands; empty for a witness
     */
    record LeadTransferRequested(
            String node, Optional<String> region, String requestedBy, String reason, List<String> evidence)
            implements ControlEvent {
        public LeadTransferRequested {
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * A person wants other nodes to vote; accepted, the node that was asked has Raft change its members.
     *
     * @param joins which is to vote from now on
     * @param leaves which is to have no vote any more
     * @param leader as the node that was asked knows it
     */
    record NodesChangeRequested(
            Optional<String> joins,
            Optional<String> leaves,
            String leader,
            String requestedBy,
            String reason,
            List<String> evidence)
            implements ControlEvent {
        public NodesChangeRequested {
            evidence = List.copyOf(evidence);
        }
    }

    /** Something that changes no state and belongs in the evidence log, such as a drill's report. */
    record EvidenceRecorded(List<String> evidence) implements ControlEvent {
        public EvidenceRecorded {
            evidence = List.copyOf(evidence);
        }
    }

    /** The evidence log stands in both object stores up to this size. */
    record EvidencePublished(long size) implements ControlEvent {}
}
