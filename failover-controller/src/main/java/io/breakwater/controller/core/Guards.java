package io.breakwater.controller.core;

import io.breakwater.platform.Policy;
import io.breakwater.platform.RecoveryPoint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What must hold before an operation begins. Missing, stale and unknown inputs deny. */
final class Guards {

    static final int NODES_NEEDED = 3;
    private static final Duration PLANNED_LAG = Duration.ofSeconds(30);
    private static final Duration LEDGER_RETRY = Duration.ofSeconds(30);

    private Guards() {}

    static Policy policy(ControlState state, String name) {
        GroupSettings settings = state.settings().groups().get(name);
        if (settings == null) {
            throw new IllegalStateException("group " + name + " has no settings");
        }
        return settings.policy();
    }

    /** Why an automatic failover would be denied; empty if it would not. */
    static List<Denial> automatic(ControlState state, String name, GroupState group, Instant now) {
        Policy policy = policy(state, name);
        List<Denial> denials = new ArrayList<>();
        if (policy.mode() != Policy.Mode.automatic) {
            denials.add(new Denial.ModeNotAutomatic(policy.mode()));
        }
        if (state.settings().nodes().size() < NODES_NEEDED) {
            denials.add(new Denial.TooFewNodes(state.settings().nodes().size()));
        }
        if (Fences.areAcls(state, name, group.active())) {
            denials.add(new Denial.FencedByAcls(group.active()));
        }
        if (group.frozen()) {
            denials.add(new Denial.Frozen());
        }
        if (state.frozen()) {
            denials.add(new Denial.AllFrozen());
        }
        group.coolDownUntil().filter(now::isBefore).ifPresent(until -> denials.add(new Denial.CoolingDown(until)));
        down(state, group, policy.holdTime(), now).ifPresent(denials::add);
        replicationFlows(state, group, now).ifPresent(denials::add);
        denials.addAll(always(state, name, group, false, now));
        return denials;
    }

    /**
     * Whether all that speaks against an automatic failover is that a person has to decide it: then it is proposed to
     * one (rule 1).
     */
    static boolean wantsAPerson(List<Denial> automatic) {
        return automatic.contains(new Denial.ModeNotAutomatic(Policy.Mode.advisory))
                && automatic.stream()
                        .allMatch(denial -> denial instanceof Denial.ModeNotAutomatic
                                || denial instanceof Denial.TooFewNodes
                                || denial instanceof Denial.FencedByAcls);
    }

    /** Why a failover that a person asks for is denied. It passes mode, freeze, votes of the active region, cool-down. */
    static List<Denial> manual(ControlState state, String name, GroupState group, boolean acceptLoss) {
        return always(state, name, group, acceptLoss, state.now());
    }

    /** Why a failback that a person asks for is denied. It passes mode, freeze and cool-down, never a running operation. */
    static List<Denial> failback(ControlState state, String name, GroupState group) {
        Instant now = state.now();
        List<Denial> denials = new ArrayList<>(always(state, name, group, false, now));
        GroupSettings settings = state.settings().groups().get(name);
        if (settings != null && settings.home().equals(group.active())) {
            denials.add(new Denial.AlreadyHome(name, group.active()));
        }
        int majority = state.settings().majority();
        int up = votesOfUp(state, group.active(), now);
        if (up < majority) {
            denials.add(new Denial.ActiveNotUp(group.active(), up, majority));
        }
        if (group.flowPending() || group.segments().open(group.flow()).isEmpty()) {
            denials.add(new Denial.FlowNotBegun(name, group.flow()));
        }
        group.readiness()
                .flatMap(Readiness::lag)
                .filter(lag -> lag.compareTo(PLANNED_LAG) > 0)
                .ifPresent(lag -> denials.add(new Denial.LagTooLong(lag, PLANNED_LAG)));
        return denials;
    }

    private static int votesOfUp(ControlState state, String region, Instant now) {
        int up = 0;
        for (Vote vote : state.freshVotes(region, now)) {
            up += vote.verdict().verdict() == Verdict.UP ? 1 : 0;
        }
        return up;
    }

    private static List<Denial> always(
            ControlState state, String name, GroupState group, boolean acceptLoss, Instant now) {
        List<Denial> denials = new ArrayList<>();
        group.operation().ifPresent(operation -> denials.add(new Denial.OperationRunning(operation)));
        int majority = state.settings().majority();
        int up = votesOfUp(state, group.standby(), now);
        if (up < majority) {
            denials.add(new Denial.StandbyNotUp(group.standby(), up, majority));
        }
        ready(state, name, group, acceptLoss, now).ifPresent(denials::add);
        return denials;
    }

    private static Optional<Denial> down(ControlState state, GroupState group, Duration holdTime, Instant now) {
        int majority = state.settings().majority();
        int down = 0;
        int held = 0;
        for (Vote vote : state.freshVotes(group.active(), now)) {
            down += vote.downSince().isPresent() ? 1 : 0;
            held += vote.isDownFor(holdTime, now) ? 1 : 0;
        }
        if (down < majority) {
            return Optional.of(new Denial.ActiveNotDown(group.active(), down, majority));
        }
        return held < majority
                ? Optional.of(new Denial.HoldTimeRunning(group.active(), held, majority, holdTime))
                : Optional.empty();
    }

    private static Optional<Denial> replicationFlows(ControlState state, GroupState group, Instant now) {
        Optional<Instant> through = group.readiness().flatMap(Readiness::topicsThrough);
        return state.firstDownVote(group.active(), now)
                .filter(down -> through.filter(down::isBefore).isPresent())
                .map(down -> new Denial.ReplicationStillFlows(group.active(), through.orElseThrow()));
    }

    private static Optional<Denial> ready(
            ControlState state, String name, GroupState group, boolean acceptLoss, Instant now) {
        Optional<Readiness> fresh = group.readiness().filter(r -> !now.isAfter(r.at().plus(Readiness.FRESH)));
        if (fresh.isEmpty()) {
            return Optional.of(new Denial.ReadinessUnknown());
        }
        Optional<RecoveryPoint> point = fresh.get().recoveryPoint();
        if (point.isEmpty() || !fresh.get().notReady().isEmpty()) {
            return Optional.of(new Denial.StandbyNotReady(fresh.get().notReady()));
        }
        if (acceptLoss) {
            return Optional.empty();
        }
        if (fresh.get().lag().isEmpty()) {
            return Optional.of(new Denial.LagUnknown());
        }
        Duration budget = policy(state, name).maxLoss();
        Instant until = state.firstDownVote(group.active(), now).orElse(now);
        Duration loss = Duration.between(point.get().sourceTime(), until);
        return loss.compareTo(budget) > 0 ? Optional.of(new Denial.LossBeyondBudget(loss, budget)) : Optional.empty();
    }

    /** The ended failover of the group's epoch whose loss ledger can and should be made now. */
    static Optional<Operation> ledgerOf(ControlState state, String name, GroupState group) {
        int up = (int) state.freshVotes(group.standby(), state.now()).stream()
                .filter(vote -> vote.verdict().upClasses().contains(RegionVerdict.KAFKA))
                .count();
        // What goes on accepting writes has no end that a ledger could list.
        boolean open = Fences.areAcls(state, name, group.standby()) && !Fences.isConfirmed(group, group.standby());
        if (open || group.operation().isPresent() || up < state.settings().majority()) {
            return Optional.empty();
        }
        List<Operation> ofEpoch = state.operations().stream()
                .filter(o -> o.group().equals(name) && o.epoch().equals(group.epoch()))
                .toList();
        boolean done = ofEpoch.stream().anyMatch(o -> o.kind().equals(Operation.LEDGER) && isDoneOrRecent(state, o));
        return done
                ? Optional.empty()
                : ofEpoch.stream()
                        .filter(o -> o.moves() && o.pointOfNoReturnAt().isPresent())
                        .findFirst();
    }

    private static boolean isDoneOrRecent(ControlState state, Operation ledger) {
        return ledger.state() != Operation.State.failed
                || ledger.endedAt()
                        .filter(ended -> state.now().isBefore(ended.plus(LEDGER_RETRY)))
                        .isPresent();
    }
}
