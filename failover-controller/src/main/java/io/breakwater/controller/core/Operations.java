package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.OperationDecided;
import io.breakwater.controller.core.ControlEvent.OperationFinished;
import io.breakwater.controller.core.ControlEvent.OperationRequested;
import io.breakwater.controller.core.ControlEvent.PointOfNoReturnPassed;
import io.breakwater.controller.core.ControlEvent.StepBegan;
import io.breakwater.controller.core.ControlEvent.StepEnded;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The life of operations: asked for or decided, step by step, past the point of no return, ended. */
final class Operations {

    private Operations() {}

    static Change request(ControlState state, OperationRequested requested) {
        Optional<Operation> known = state.operation(requested.id());
        if (known.isPresent()) {
            return again(state, known.get(), requested.kind(), requested.group());
        }
        Optional<GroupState> found = state.group(requested.group());
        if (found.isEmpty()) {
            return Change.refused(state, new Denial.UnknownGroup(requested.group()));
        }
        if (requested.requestedBy().isBlank() || requested.reason().isBlank()) {
            return Change.refused(state, new Denial.NameAndReasonNeeded());
        }
        GroupState group = found.get();
        Begin begin = new Begin(
                requested.id(), requested.kind(), requested.group(), requested.requestedBy(), requested.reason());
        if (requested.kind().equals(Operation.FAILOVER) || requested.kind().equals(Operation.FAILBACK)) {
            return requestMove(state, group, requested, begin);
        }
        if (requested.kind().equals(Operation.LEDGER)) {
            return beginLedger(state, group, begin);
        }
        return Change.refused(state, new Denial.UnknownKind(requested.kind()));
    }

    private static Change requestMove(ControlState state, GroupState group, OperationRequested requested, Begin begin) {
        List<Denial> denials = moveDenials(state, group, requested.group(), requested.kind(), requested.acceptLoss());
        if (!denials.isEmpty()) {
            return Change.refused(state, denials);
        }
        if (!Guards.policy(state, requested.group()).twoPersons()) {
            return beginMove(state, group, begin);
        }
        Optional<PendingRequest> other = group.pending()
                .filter(p -> p.stands(state.now()) && !p.requestedBy().equals(Operation.AUTOMATIC));
        if (other.isPresent()) {
            PendingRequest waiting = other.get();
            return waiting.id().equals(requested.id()) && waiting.kind().equals(requested.kind())
                    ? Change.repeated(state, new Reply.AwaitsApproval(requested.id()))
                    : Change.refused(state, new Denial.AnotherAwaitsApproval(waiting.id(), waiting.requestedBy()));
        }
        PendingRequest pending = new PendingRequest(
                requested.id(),
                requested.kind(),
                requested.requestedBy(),
                requested.reason(),
                requested.acceptLoss(),
                state.now());
        GroupState waits = group.change().pending(Optional.of(pending)).done();
        return new Change(state.withGroup(requested.group(), waits), new Reply.AwaitsApproval(requested.id()));
    }

    /** What was asked for is looked at again: it may have been some minutes. */
    static Change beginApproved(
            ControlState state, String name, GroupState group, PendingRequest pending, String approvedBy) {
        List<Denial> denials = moveDenials(state, group, name, pending.kind(), pending.acceptLoss());
        if (pending.requestedBy().equals(Operation.AUTOMATIC)) {
            // It was proposed because the region was lost: that has to be so still.
            List<Denial> due = Guards.automatic(state, name, group, state.now());
            denials = Guards.wantsAPerson(due) ? List.of() : due;
        }
        if (!denials.isEmpty()) {
            return Change.refused(state, denials);
        }
        Begin begin = new Begin(
                pending.id(),
                pending.kind(),
                name,
                pending.requestedBy() + ", approved by " + approvedBy,
                pending.reason());
        return beginMove(state, group.change().pending(Optional.empty()).done(), begin);
    }

    private static List<Denial> moveDenials(
            ControlState state, GroupState group, String name, String kind, boolean acceptLoss) {
        return kind.equals(Operation.FAILOVER)
                ? Guards.manual(state, name, group, acceptLoss)
                : Guards.failback(state, name, group);
    }

    static Change decide(ControlState state, OperationDecided decided) {
        Optional<Operation> known = state.operation(decided.id());
        if (known.isPresent()) {
            return again(state, known.get(), decided.kind(), decided.group());
        }
        return inEpoch(state, decided.group(), decided.epoch(), group -> {
            Begin begin =
                    new Begin(decided.id(), decided.kind(), decided.group(), Operation.AUTOMATIC, decided.reason());
            if (decided.kind().equals(Operation.LEDGER)) {
                return beginLedger(state, group, begin);
            }
            if (!decided.kind().equals(Operation.FAILOVER)) {
                return Change.refused(state, new Denial.UnknownKind(decided.kind()));
            }
            List<Denial> denials = Guards.automatic(state, decided.group(), group, state.now());
            if (Guards.wantsAPerson(denials)) {
                return advise(state, group, decided);
            }
            if (!denials.isEmpty()) {
                return Change.refused(state, denials);
            }
            Instant coolDownUntil =
                    state.now().plus(Guards.policy(state, decided.group()).coolDown());
            GroupState cooling = group.change().coolDownUntil(coolDownUntil).done();
            return beginMove(state, cooling, begin);
        });
    }

    /** The same operation once more is answered and leaves no second trace; another one needs another id. */
    private static Change again(ControlState state, Operation known, String kind, String group) {
        return known.kind().equals(kind) && known.group().equals(group)
                ? Change.repeated(state, new Reply.OperationBegun(known.id()))
                : Change.refused(state, new Denial.IdTaken(known.id(), known.kind(), known.group()));
    }

    /** In advisory mode a failover that is due waits for a person (rule 1). */
    private static Change advise(ControlState state, GroupState group, OperationDecided decided) {
        Optional<PendingRequest> other = group.pending().filter(p -> p.stands(state.now()));
        if (other.isPresent()) {
            return other.get().id().equals(decided.id())
                    ? Change.repeated(state, new Reply.AwaitsApproval(decided.id()))
                    : Change.refused(
                            state,
                            new Denial.AnotherAwaitsApproval(
                                    other.get().id(), other.get().requestedBy()));
        }
        PendingRequest pending = new PendingRequest(
                decided.id(), decided.kind(), Operation.AUTOMATIC, decided.reason(), false, state.now());
        GroupState waits = group.change().pending(Optional.of(pending)).done();
        return new Change(state.withGroup(decided.group(), waits), new Reply.AwaitsApproval(decided.id()));
    }

    private record Begin(String id, String kind, String group, String requestedBy, String reason) {}

    private static Change beginMove(ControlState state, GroupState group, Begin begin) {
        Epoch next = group.epoch().next();
        return begin(
                state.withShortDetails(begin.group()),
                group.change().epoch(next).pending(Optional.empty()).done(),
                begin,
                next,
                group.flow(),
                state.firstDownVote(group.active(), state.now()));
    }

    private static Change beginLedger(ControlState state, GroupState group, Begin begin) {
        return Guards.ledgerOf(state, begin.group(), group)
                .map(failover -> begin(state, group, begin, group.epoch(), failover.flow(), Optional.empty()))
                .orElseGet(() -> Change.refused(state, new Denial.LedgerNotDue(begin.group())));
    }

    private static Change begin(
            ControlState state,
            GroupState group,
            Begin begin,
            Epoch epoch,
            Flow flow,
            Optional<Instant> firstDownVote) {
        Operation operation = Operation.begun(
                begin.id(),
                begin.kind(),
                begin.group(),
                epoch,
                flow,
                state.now(),
                firstDownVote,
                begin.requestedBy(),
                begin.reason());
        GroupState running = group.change().operation(Optional.of(begin.id())).done();
        return new Change(
                state.with(operation).withGroup(begin.group(), running), new Reply.OperationBegun(begin.id()));
    }

    static Change beginStep(ControlState state, StepBegan began) {
        StepRun first = StepRun.begun(began.step(), state.now());
        return whileRunning(state, began.operation(), began.epoch(), operation -> {
            int attempts = operation.attempts(began.step());
            if (operation.isDone(began.step())) {
                return Change.refused(state, new Denial.StepIsDone(operation.id(), began.step()));
            }
            if (began.attempt() != attempts + 1) {
                return Change.refused(
                        state, new Denial.StaleAttempt(operation.id(), began.step(), began.attempt(), attempts));
            }
            return Change.accepted(state.with(operation.withStep(began.step(), first, StepRun::begunAgain)));
        });
    }

    static Change endStep(ControlState state, StepEnded ended) {
        return whileRunning(state, ended.operation(), ended.epoch(), operation -> {
            if (operation.step(ended.step()).isEmpty()) {
                return Change.refused(state, new Denial.StepNotBegun(operation.id(), ended.step()));
            }
            if (operation.isDone(ended.step())) {
                return Change.refused(state, new Denial.StepIsDone(operation.id(), ended.step()));
            }
            int attempts = operation.attempts(ended.step());
            if (ended.attempt() != attempts) {
                return Change.refused(
                        state, new Denial.StaleAttempt(operation.id(), ended.step(), ended.attempt(), attempts));
            }
            UnaryOperator<StepRun> end = ended.result() instanceof StepResult.Failed failed
                    ? run -> run.failed(failed.reason(), state.now())
                    : run -> run.done(ended.detail(), state.now());
            return Change.accepted(
                    state.with(operation.withStep(ended.step(), StepRun.begun(ended.step(), state.now()), end)));
        });
    }

    static Change passPointOfNoReturn(ControlState state, PointOfNoReturnPassed passed) {
        return whileRunning(state, passed.operation(), passed.epoch(), operation -> {
            GroupState group = state.group(operation.group()).orElseThrow();
            if (!operation.moves()) {
                return Change.refused(state, new Denial.NoMoveRunning(operation.group()));
            }
            if (operation.pointOfNoReturnAt().isPresent()) {
                return Change.accepted(state);
            }
            if (!group.lease().lapsed()) {
                return Change.refused(
                        state,
                        Fences.areAcls(state, operation.group(), group.active())
                                ? new Denial.FenceNotConfirmed(group.active())
                                : new Denial.LeaseNotLapsed(group.lease().renewalIndex()));
            }
            // In the world the flow could still write.
            if (group.segments()
                    .last()
                    .filter(last -> !last.open() && last.flow().equals(operation.flow()))
                    .isEmpty()) {
                return Change.refused(state, new Denial.FlowEndNotRecorded(operation.flow()));
            }
            GroupState promoted =
                    group.change().promoted().noReadiness().flowPending(false).done();
            return Change.accepted(
                    state.with(operation.pastTheReturn(state.now())).withGroup(operation.group(), promoted));
        });
    }

    static Change finish(ControlState state, OperationFinished finished) {
        return whileRunning(state, finished.operation(), finished.epoch(), operation -> {
            GroupState group = state.group(operation.group()).orElseThrow();
            GroupChange change = group.change().operation(Optional.empty());
            boolean returned =
                    operation.moves() && operation.pointOfNoReturnAt().isEmpty();
            if (finished.result() instanceof StepResult.Failed failed) {
                if (!operation.lastStep().map(StepRun.State.failed::equals).orElse(true)) {
                    // Of a leader that was late: the next one has gone on.
                    return Change.refused(state, new Denial.NoStepFailed(operation.id()));
                }
                if (returned) {
                    // Undone: the region keeps the active role under a new epoch, and its flow is told to run again.
                    change.epoch(group.epoch().next())
                            .lease(group.lease().anew())
                            .fence(group.active(), Optional.empty())
                            .segments(group.segments().reopened(operation.flow()))
                            .flowPending(true);
                }
                return Change.accepted(state.with(operation.failed(failed.reason(), state.now()))
                        .withGroup(operation.group(), change.done()));
            }
            if (returned) {
                return Change.refused(state, new Denial.ReturnStillPossible(operation.id()));
            }
            if (!operation.steps().stream().allMatch(step -> operation.isDone(step.step()))) {
                return Change.refused(state, new Denial.StepsNotDone(operation.id()));
            }
            if (operation.kind().equals(Operation.LEDGER)) {
                // What the region that was left holds alone is safe: from here it can follow the other one.
                change.flowPending(true);
            }
            return Change.accepted(
                    state.with(operation.succeeded(state.now())).withGroup(operation.group(), change.done()));
        });
    }

    /** Applies the rule if there is such a group and the event is of its epoch. */
    static Change inEpoch(ControlState state, String name, Epoch epoch, Function<GroupState, Change> rule) {
        Optional<GroupState> group = state.group(name);
        if (group.isEmpty()) {
            return Change.refused(state, new Denial.UnknownGroup(name));
        }
        if (!group.get().epoch().equals(epoch)) {
            return Change.refused(
                    state, new Denial.StaleEpoch(epoch, group.get().epoch()));
        }
        return rule.apply(group.get());
    }

    static Change whileRunning(ControlState state, String id, Epoch epoch, Function<Operation, Change> rule) {
        Optional<Operation> operation = state.operation(id);
        if (operation.isEmpty()) {
            return Change.refused(state, new Denial.NoSuchOperation(id));
        }
        if (!operation.get().isRunning()) {
            return Change.refused(state, new Denial.OperationNotRunning(id));
        }
        return inEpoch(state, operation.get().group(), epoch, group -> rule.apply(operation.get()));
    }
}
