package io.breakwater.controller.core;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Why something was not done. The type is the reason; {@link #message()} says it to a person. */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "denial")
@JsonSubTypes({
    @JsonSubTypes.Type(Denial.UnknownGroup.class),
    @JsonSubTypes.Type(Denial.UnknownNode.class),
    @JsonSubTypes.Type(Denial.NodeSilent.class),
    @JsonSubTypes.Type(Denial.LeadNotKept.class),
    @JsonSubTypes.Type(Denial.NodeVotes.class),
    @JsonSubTypes.Type(Denial.LeaderLeaves.class),
    @JsonSubTypes.Type(Denial.MajorityNotHeard.class),
    @JsonSubTypes.Type(Denial.UnknownKind.class),
    @JsonSubTypes.Type(Denial.IdTaken.class),
    @JsonSubTypes.Type(Denial.NameAndReasonNeeded.class),
    @JsonSubTypes.Type(Denial.ModeNotAutomatic.class),
    @JsonSubTypes.Type(Denial.Frozen.class),
    @JsonSubTypes.Type(Denial.AllFrozen.class),
    @JsonSubTypes.Type(Denial.SamePerson.class),
    @JsonSubTypes.Type(Denial.NothingToApprove.class),
    @JsonSubTypes.Type(Denial.AnotherAwaitsApproval.class),
    @JsonSubTypes.Type(Denial.OperationRunning.class),
    @JsonSubTypes.Type(Denial.CoolingDown.class),
    @JsonSubTypes.Type(Denial.TooFewNodes.class),
    @JsonSubTypes.Type(Denial.ActiveNotDown.class),
    @JsonSubTypes.Type(Denial.HoldTimeRunning.class),
    @JsonSubTypes.Type(Denial.StandbyNotUp.class),
    @JsonSubTypes.Type(Denial.ReplicationStillFlows.class),
    @JsonSubTypes.Type(Denial.ReadinessUnknown.class),
    @JsonSubTypes.Type(Denial.StandbyNotReady.class),
    @JsonSubTypes.Type(Denial.LagUnknown.class),
    @JsonSubTypes.Type(Denial.LossBeyondBudget.class),
    @JsonSubTypes.Type(Denial.StaleEpoch.class),
    @JsonSubTypes.Type(Denial.NoSuchOperation.class),
    @JsonSubTypes.Type(Denial.OperationNotRunning.class),
    @JsonSubTypes.Type(Denial.FlowEndNotRecorded.class),
    @JsonSubTypes.Type(Denial.LeaseNotLapsed.class),
    @JsonSubTypes.Type(Denial.FencedByAcls.class),
    @JsonSubTypes.Type(Denial.FenceNotConfirmed.class),
    @JsonSubTypes.Type(Denial.NotFencedByAcls.class),
    @JsonSubTypes.Type(Denial.RegionIsOpen.class),
    @JsonSubTypes.Type(Denial.RegionIsClosed.class),
    @JsonSubTypes.Type(Denial.NewerRenewalStands.class),
    @JsonSubTypes.Type(Denial.NoMoveRunning.class),
    @JsonSubTypes.Type(Denial.ReturnStillPossible.class),
    @JsonSubTypes.Type(Denial.ReturnImpossible.class),
    @JsonSubTypes.Type(Denial.PipelineClosed.class),
    @JsonSubTypes.Type(Denial.StepNotBegun.class),
    @JsonSubTypes.Type(Denial.StepIsDone.class),
    @JsonSubTypes.Type(Denial.StaleAttempt.class),
    @JsonSubTypes.Type(Denial.NoStepFailed.class),
    @JsonSubTypes.Type(Denial.StepsNotDone.class),
    @JsonSubTypes.Type(Denial.LedgerNotDue.class),
    @JsonSubTypes.Type(Denial.ActiveNotUp.class),
    @JsonSubTypes.Type(Denial.AlreadyHome.class),
    @JsonSubTypes.Type(Denial.LagTooLong.class),
    @JsonSubTypes.Type(Denial.FlowNotBegun.class),
    @JsonSubTypes.Type(Denial.SegmentRefused.class),
    @JsonSubTypes.Type(Denial.RegionNotLeft.class),
    @JsonSubTypes.Type(Denial.EvidenceTooLarge.class)
})
public sealed interface Denial {

    /** One sentence without an end mark: what is so, and what it would have to be. */
    String message();

    record UnknownGroup(String group) implements Denial {
        @Override
        public String message() {
            return "there is no protection group '" + group + "'";
        }
    }

    record UnknownNode(String node) implements Denial {
        @Override
        public String message() {
            return "node '" + node + "' is not one of the platform's and has no vote";
        }
    }

    record NodeSilent(String node) implements Denial {
        @Override
        public String message() {
            return "node '" + node + "' has not voted lately: it does not run, or the others do not hear it";
        }
    }

    record LeadNotKept(String node, String region) implements Denial {
        @Override
        public String message() {
            return "node '" + node + "' stands in the active region " + region
                    + ", where the lead does not stay: choose a node outside the active regions";
        }
    }

    record NodeVotes(String node) implements Denial {
        @Override
        public String message() {
            return "node '" + node + "' has a vote already";
        }
    }

    record LeaderLeaves(String node) implements Denial {
        @Override
        public String message() {
            return "node '" + node + "' leads: hand the lead to another one before (breakwater nodes transfer-lead)";
        }
    }

    /** @param heard of the nodes that would vote then, with the one that joins */
    record MajorityNotHeard(int heard, int needed) implements Denial {
        @Override
        public String message() {
            return "only " + heard + " of the nodes that would vote then are heard from, " + needed
                    + " are needed: nothing could be decided any more";
        }
    }

    record UnknownKind(String kind) implements Denial {
        @Override
        public String message() {
            return "there is no operation of kind '" + kind + "'; there are failover, failback and ledger";
        }
    }

    record IdTaken(String id, String kind, String group) implements Denial {
        @Override
        public String message() {
            return "id " + id + " is that of a " + kind + " of group " + group + ": another operation needs another id";
        }
    }

    record NameAndReasonNeeded() implements Denial {
        @Override
        public String message() {
            return "a manual operation needs the operator's name and a reason (rule 17)";
        }
    }

    record ModeNotAutomatic(Policy.Mode mode) implements Denial {
        @Override
        public String message() {
            return "the group's mode is " + mode + ", so that a person decides";
        }
    }

    record Frozen() implements Denial {
        @Override
        public String message() {
            return "the group is frozen";
        }
    }

    record AllFrozen() implements Denial {
        @Override
        public String message() {
            return "all groups are frozen (rule 14)";
        }
    }

    record SamePerson(String person) implements Denial {
        @Override
        public String message() {
            return person + " asked for it: another person has to approve";
        }
    }

    record NothingToApprove(String what) implements Denial {
        @Override
        public String message() {
            return what
                    + " does not wait for an approval: it was never asked for, has begun, or was asked for too long ago";
        }
    }

    record AnotherAwaitsApproval(String id, String requestedBy) implements Denial {
        @Override
        public String message() {
            return "operation " + id + ", asked for by " + requestedBy + ", waits for its approval";
        }
    }

    record OperationRunning(String operation) implements Denial {
        @Override
        public String message() {
            return "operation " + operation + " is running";
        }
    }

    record CoolingDown(Instant until) implements Denial {
        @Override
        public String message() {
            return "an automatic failover was not long ago: cool-down until " + until + " unless acknowledged";
        }
    }

    record TooFewNodes(int nodes) implements Denial {
        @Override
        public String message() {
            return "automatic failover needs three nodes, there are " + nodes + " (rule 3)";
        }
    }

    record ActiveNotDown(String region, int votes, int needed) implements Denial {
        @Override
        public String message() {
            return votes + " of " + needed + " nodes vote the active region " + region
                    + " DOWN with two signal classes";
        }
    }

    record HoldTimeRunning(String region, int votes, int needed, Duration holdTime) implements Denial {
        @Override
        public String message() {
            return votes + " of " + needed + " votes of DOWN for " + region + " have stood for " + holdTime;
        }
    }

    record StandbyNotUp(String region, int votes, int needed) implements Denial {
        @Override
        public String message() {
            return votes + " of " + needed + " nodes vote the standby " + region + " UP";
        }
    }

    record ReplicationStillFlows(String region, Instant through) implements Denial {
        @Override
        public String message() {
            return "observers do not reach " + region + " but its records of " + through
                    + " still arrived, after the first vote of DOWN (rule 5)";
        }
    }

    record ReadinessUnknown() implements Denial {
        @Override
        public String message() {
            return "there is no fresh report of the standby's readiness";
        }
    }

    record StandbyNotReady(List<String> reasons) implements Denial {
        public StandbyNotReady {
            reasons = List.copyOf(reasons);
        }

        @Override
        public String message() {
            return "the standby has no recovery point: " + String.join("; ", reasons);
        }
    }

    record LagUnknown() implements Denial {
        @Override
        public String message() {
            return "the replication lag is not known (rule 7)";
        }
    }

    record LossBeyondBudget(Duration loss, Duration budget) implements Denial {
        @Override
        public String message() {
            return "a failover would lose the last " + loss + ", the budget is " + budget;
        }
    }

    record StaleEpoch(Epoch given, Epoch current) implements Denial {
        @Override
        public String message() {
            return "epoch " + given + " is not the group's epoch " + current;
        }
    }

    record NoSuchOperation(String operation) implements Denial {
        @Override
        public String message() {
            return "there is no operation " + operation;
        }
    }

    record OperationNotRunning(String operation) implements Denial {
        @Override
        public String message() {
            return "operation " + operation + " is not running";
        }
    }

    record FlowEndNotRecorded(Flow flow) implements Denial {
        @Override
        public String message() {
            return "where the flow " + flow + " ended is not recorded yet: it is fenced and recorded first";
        }
    }

    record LeaseNotLapsed(long renewalIndex) implements Denial {
        @Override
        public String message() {
            return "the lease of the region that is left has not lapsed; its renewal " + renewalIndex
                    + " may still hold";
        }
    }

    /** No automatic failover leaves such a region. */
    record FencedByAcls(String region) implements Denial {
        @Override
        public String message() {
            return "region " + region + " is closed by ACLs, which nobody can make on a cluster that is lost: a person"
                    + " decides (rule 10)";
        }
    }

    record FenceNotConfirmed(String region) implements Denial {
        @Override
        public String message() {
            return "the fence of region " + region + " is not confirmed: every broker has to refuse an ordinary"
                    + " principal, or a person answers for its being closed by approving step " + Operation.CLOSES
                    + " (rule 10)";
        }
    }

    record NotFencedByAcls(String group, String region) implements Denial {
        @Override
        public String message() {
            return "region " + region + " is not closed by ACLs for group " + group + ", or is not being left";
        }
    }

    record RegionIsOpen(String group, String region) implements Denial {
        @Override
        public String message() {
            return "group " + group + " is active in " + region + " and not leaving it: it is not closed";
        }
    }

    record RegionIsClosed(String group, String region) implements Denial {
        @Override
        public String message() {
            return "group " + group + " is not open in " + region + ": its ACLs stay";
        }
    }

    record NewerRenewalStands(long given, long current) implements Denial {
        @Override
        public String message() {
            return "renewal " + current + " stands, newer than renewal " + given;
        }
    }

    record NoMoveRunning(String group) implements Denial {
        @Override
        public String message() {
            return "no running operation takes the active role from a region of " + group;
        }
    }

    record ReturnStillPossible(String operation) implements Denial {
        @Override
        public String message() {
            return "operation " + operation + " has not passed its point of no return";
        }
    }

    record ReturnImpossible(String operation) implements Denial {
        @Override
        public String message() {
            return "operation " + operation + " has passed its point of no return";
        }
    }

    record PipelineClosed(String group) implements Denial {
        @Override
        public String message() {
            return "ingress of " + group + " opens only after its pipeline";
        }
    }

    record StepNotBegun(String operation, String step) implements Denial {
        @Override
        public String message() {
            return "step " + step + " of operation " + operation + " has not begun";
        }
    }

    record StepIsDone(String operation, String step) implements Denial {
        @Override
        public String message() {
            return "step " + step + " of operation " + operation + " is done and stays so";
        }
    }

    record StaleAttempt(String operation, String step, int attempt, int current) implements Denial {
        @Override
        public String message() {
            return "attempt " + attempt + " at step " + step + " of operation " + operation
                    + " is not the newest one: that is " + current;
        }
    }

    record NoStepFailed(String operation) implements Denial {
        @Override
        public String message() {
            return "operation " + operation + " has not failed: its last step has not";
        }
    }

    record StepsNotDone(String operation) implements Denial {
        @Override
        public String message() {
            return "operation " + operation + " has not succeeded: a step of it is not done";
        }
    }

    record LedgerNotDue(String group) implements Denial {
        @Override
        public String message() {
            return "no loss ledger of " + group
                    + " is due: it needs an ended failover without one, and Kafka of the region that was left, closed";
        }
    }

    record ActiveNotUp(String region, int votes, int needed) implements Denial {
        @Override
        public String message() {
            return votes + " of " + needed + " nodes vote the active region " + region
                    + " UP, and a planned operation drains it: use a failover if it is lost";
        }
    }

    record AlreadyHome(String group, String region) implements Denial {
        @Override
        public String message() {
            return "group " + group + " is active in its home " + region + " already";
        }
    }

    record LagTooLong(Duration lag, Duration limit) implements Denial {
        @Override
        public String message() {
            return "the replication lag is " + lag + ", a planned operation begins with at most " + limit
                    + ": wait until the mirror has caught up";
        }
    }

    record FlowNotBegun(String group, Flow flow) implements Denial {
        @Override
        public String message() {
            return "the flow " + flow + " of " + group
                    + " has not begun from the last move's cut-over: it begins once the loss ledger is made and Connect of "
                    + flow.to() + " answers";
        }
    }

    record SegmentRefused(String reason) implements Denial {
        @Override
        public String message() {
            return "the segment is not taken: " + reason;
        }
    }

    record RegionNotLeft(String group, String region) implements Denial {
        @Override
        public String message() {
            return "group " + group + " has not left " + region + ": its jobs there are not ended";
        }
    }

    record EvidenceTooLarge(int bytes) implements Denial {
        @Override
        public String message() {
            return "an entry of the evidence log has at most " + bytes + " bytes";
        }
    }
}
