package io.breakwater.controller.core;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One run of a runbook.
 *
 * @param id unique; also what makes a request idempotent
 * @param kind the runbook's name: {@link #FAILOVER}, {@link #FAILBACK}, {@link #LEDGER}
 * @param epoch the group's epoch in which it runs; each of its effects carries it
 * @param flow from the region that is left to the region that is promoted
 * @param decidedAt when it became part of the log
 * @param firstDownVoteAt for a failover, the beginning of the votes of DOWN that stood then
 * @param requestedBy a person's name, or {@link #AUTOMATIC}
 * @param steps in the order in which they began
 * @param pointOfNoReturnAt when it was passed
 * @param failure why it failed
 * @param approvals of steps that wait for a person
 */
public record Operation(
        String id,
        String kind,
        String group,
        Epoch epoch,
        Flow flow,
        State state,
        Instant decidedAt,
        Optional<Instant> firstDownVoteAt,
        String requestedBy,
        String reason,
        List<StepRun> steps,
        Optional<Instant> pointOfNoReturnAt,
        Optional<Instant> endedAt,
        Optional<String> failure,
        @JsonSetter(nulls = Nulls.AS_EMPTY) List<Approval> approvals) {

    /** Makes the other region the active one. */
    public static final String FAILOVER = "failover";

    /** Gives the active role back to the group's home, planned: it drains first and loses nothing (rule 16). */
    public static final String FAILBACK = "failback";

    /** Exports what the region that was left holds beyond the recovery point. Moves nothing. */
    public static final String LEDGER = "ledger";

    /** The step that waits until the region that is left can accept no write. */
    public static final String CLOSES = "await-lease-lapsed";

    /** In the place of a person's name when the controller decided by itself. */
    public static final String AUTOMATIC = "breakwater";

    /** Lower case as in the API. */
    public enum State {
        running,
        succeeded,
        failed
    }

    /** Approved by nobody. */
    public Operation(
            String id,
            String kind,
            String group,
            Epoch epoch,
            Flow flow,
            State state,
            Instant decidedAt,
            Optional<Instant> firstDownVoteAt,
            String requestedBy,
            String reason,
            List<StepRun> steps,
            Optional<Instant> pointOfNoReturnAt,
            Optional<Instant> endedAt,
            Optional<String> failure) {
        this(
                id,
                kind,
                group,
                epoch,
                flow,
                state,
                decidedAt,
                firstDownVoteAt,
                requestedBy,
                reason,
                steps,
                pointOfNoReturnAt,
                endedAt,
                failure,
                List.of());
    }

    public Operation {
        steps = List.copyOf(steps);
        approvals = List.copyOf(approvals);
    }

    static Operation begun(
            String id,
            String kind,
            String group,
            Epoch epoch,
            Flow flow,
            Instant now,
            Optional<Instant> firstDownVoteAt,
            String requestedBy,
            String reason) {
        return new Operation(
                id,
                kind,
                group,
                epoch,
                flow,
                State.running,
                now,
                firstDownVoteAt,
                requestedBy,
                reason,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @JsonIgnore
    public boolean isRunning() {
        return state == State.running;
    }

    /** Whether it takes the active role from a region. */
    public boolean moves() {
        return kind.equals(FAILOVER) || isPlanned();
    }

    /** Whether the region that is left lives and helps. */
    @JsonIgnore
    public boolean isPlanned() {
        return kind.equals(FAILBACK);
    }

    /** Of one step, oldest first. */
    public List<Approval> approvals(String step) {
        return approvals.stream()
                .filter(approval -> approval.step().equals(step))
                .toList();
    }

    Operation with(Approval approval) {
        List<Approval> next = new ArrayList<>(approvals);
        next.add(approval);
        return new Operation(
                id,
                kind,
                group,
                epoch,
                flow,
                state,
                decidedAt,
                firstDownVoteAt,
                requestedBy,
                reason,
                steps,
                pointOfNoReturnAt,
                endedAt,
                failure,
                next);
    }

    public Optional<StepRun> step(String step) {
        return steps.stream().filter(run -> run.step().equals(step)).findFirst();
    }

    /** How often a step was begun; 0 if never. */
    public int attempts(String step) {
        return step(step).map(StepRun::attempts).orElse(0);
    }

    public boolean isDone(String step) {
        return step(step).filter(run -> run.state() == StepRun.State.done).isPresent();
    }

    /** Of the step that was begun last for the first time. */
    Optional<StepRun.State> lastStep() {
        return steps.isEmpty()
                ? Optional.empty()
                : Optional.of(steps.get(steps.size() - 1).state());
    }

    Operation withStep(String step, StepRun first, UnaryOperator<StepRun> change) {
        List<StepRun> next = new ArrayList<>(steps);
        for (int i = 0; i < next.size(); i++) {
            if (next.get(i).step().equals(step)) {
                next.set(i, change.apply(next.get(i)));
                return with(state, next, pointOfNoReturnAt, endedAt, failure);
            }
        }
        next.add(first);
        return with(state, next, pointOfNoReturnAt, endedAt, failure);
    }

    /** As it is kept when its epoch is over: the state stays small, however many partitions were moved how often. */
    Operation withShortDetails() {
        return with(state, steps.stream().map(StepRun::withShortDetail).toList(), pointOfNoReturnAt, endedAt, failure);
    }

    Operation pastTheReturn(Instant now) {
        return with(state, steps, Optional.of(now), endedAt, failure);
    }

    Operation succeeded(Instant now) {
        return with(State.succeeded, steps, pointOfNoReturnAt, Optional.of(now), Optional.empty());
    }

    Operation failed(String why, Instant now) {
        return with(State.failed, steps, pointOfNoReturnAt, Optional.of(now), Optional.of(why));
    }

    private Operation with(
            State nextState,
            List<StepRun> nextSteps,
            Optional<Instant> nextPointOfNoReturnAt,
            Optional<Instant> nextEndedAt,
            Optional<String> nextFailure) {
        return new Operation(
                id,
                kind,
                group,
                epoch,
                flow,
                nextState,
                decidedAt,
                firstDownVoteAt,
                requestedBy,
                reason,
                nextSteps,
                nextPointOfNoReturnAt,
                nextEndedAt,
                nextFailure,
                approvals);
    }
}
