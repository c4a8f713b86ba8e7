package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.FenceLifted;
import io.breakwater.controller.core.ControlEvent.FenceReported;
import io.breakwater.controller.core.ControlEvent.FenceWaived;
import io.breakwater.controller.core.ControlEvent.GateOpened;
import io.breakwater.controller.core.ControlEvent.LeaseLapsed;
import io.breakwater.controller.core.ControlEvent.LeaseRenewal;
import io.breakwater.controller.core.ControlEvent.OperationDecided;
import io.breakwater.controller.core.ControlEvent.OperationFinished;
import io.breakwater.controller.core.ControlEvent.OperationRequested;
import io.breakwater.controller.core.ControlEvent.PointOfNoReturnPassed;
import io.breakwater.controller.core.ControlEvent.ReadinessReported;
import io.breakwater.controller.core.ControlEvent.VerdictVoted;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Policy;
import io.breakwater.platform.SegmentHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A rule of the machine switched off: the machine is shown a world in which the rule has nothing to say. The checks see
 * the world as it is; one of them has to bite. Not here: that a lapse of an older renewal is refused. No run gets there,
 * because renewals end when the operation begins; {@link LeaseTest} has it.
 */
enum Mutation {
    NONE(""),
    LEASE_NOT_WAITED_OUT("two regions accept writes"),
    PROMOTION_WITHOUT_LAPSE("promoted before the lease lapsed") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return isA(event, PointOfNoReturnPassed.class) && canReturn(state)
                    ? group(state, g -> g.change().lease(g.lease().lapse()).done())
                    : state;
        }
    },
    FLOW_STILL_RUNS("promoted although where the flow ended is not recorded") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            Optional<Operation> running = known(state).operation().flatMap(state::operation);
            return isA(event, PointOfNoReturnPassed.class) && canReturn(state) && running.isPresent()
                    ? group(
                            state,
                            g -> g.change()
                                    .segments(new SegmentHistory(List.of(
                                            SegmentStory.ended(g, running.get().flow()))))
                                    .done())
                    : state;
        }
    },
    RENEWALS_WHILE_LEAVING("a renewal while the active role is taken away") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return isA(event, LeaseRenewal.class)
                    ? group(state, g -> g.change().operation(Optional.empty()).done())
                    : state;
        }

        @Override
        ControlState done(ControlState before, ControlEvent event, ControlState after) {
            Optional<String> running = known(before).operation();
            return event instanceof LeaseRenewal
                    ? group(after, g -> g.change().operation(running).done())
                    : after;
        }
    },
    OLDER_EPOCH_TAKEN("an event of an older epoch changed something") {
        @Override
        ControlEvent taken(ControlState state, ControlEvent event) {
            return withEpoch(event, known(state).epoch());
        }
    },
    ONE_VOTE_IS_ENOUGH("decided without a majority that saw the region down for the hold time") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return votes(
                    state,
                    event,
                    known(state).active(),
                    votes -> votes.values().stream()
                            .filter(vote -> vote.downSince().isPresent())
                            .findFirst());
        }
    },
    ONE_CLASS_IS_ENOUGH("decided without a majority that saw the region down for the hold time") {
        @Override
        ControlEvent taken(ControlState state, ControlEvent event) {
            if (!(event instanceof VerdictVoted voted)) {
                return event;
            }
            SortedMap<String, RegionVerdict> verdicts = new TreeMap<>(voted.verdicts());
            verdicts.replaceAll((region, verdict) -> verdict.verdict() == Verdict.DOWN ? Scenario.down() : verdict);
            return new VerdictVoted(voted.node(), verdicts);
        }
    },
    NO_HOLD_TIME("decided without a majority that saw the region down for the hold time") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return policy(state, event, p -> policy(p.mode(), Duration.ZERO, p.coolDown(), p.maxLoss()));
        }
    },
    OLD_VOTES_COUNT("decided without a majority that saw the region down for the hold time") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            SortedMap<String, SortedMap<String, Vote>> votes = new TreeMap<>(state.votes());
            SortedMap<String, Vote> next =
                    new TreeMap<>(state.votes(known(state).active()));
            next.replaceAll((node, vote) -> new Vote(vote.verdict(), state.now(), vote.downSince()));
            votes.put(known(state).active(), next);
            return begins(event) ? state.withVotes(votes) : state;
        }
    },
    FREEZE_IGNORED("decided although the group is frozen") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return begins(event) ? group(state, g -> g.change().frozen(false).done()) : state;
        }
    },
    FREEZE_OF_ALL_IGNORED("decided although all groups are frozen") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return begins(event) ? state.withFrozen(false) : state;
        }
    },
    NO_COOL_DOWN("decided in the cool-down") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return begins(event) ? group(state, g -> g.change().noCoolDown().done()) : state;
        }
    },
    ANY_LOSS("moved with a loss that nobody accepted") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return policy(state, event, p -> policy(p.mode(), p.holdTime(), p.coolDown(), Duration.ofDays(9)));
        }
    },
    UNKNOWN_LAG("moved with an unknown lag") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return report(
                    state,
                    event,
                    r -> new Readiness(
                            r.at(), r.recoveryPoint(), Optional.of(Duration.ZERO), r.topicsThrough(), r.notReady()));
        }
    },
    OLD_REPORT("moved without a fresh report of the standby") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return report(
                    state,
                    event,
                    r -> new Readiness(state.now(), r.recoveryPoint(), r.lag(), r.topicsThrough(), r.notReady()));
        }
    },
    STANDBY_NOT_READY("moved to a standby that is not ready") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return report(
                    state, event, r -> new Readiness(r.at(), r.recoveryPoint(), r.lag(), r.topicsThrough(), List.of()));
        }
    },
    STANDBY_NOT_SEEN("moved to a region that no majority saw up") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return votes(
                    state, event, known(state).standby(), votes -> Optional.of(Vote.first(Scenario.up(), state.now())));
        }
    },
    FLOWING_REPLICATION("decided although replication flows") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return report(
                    state,
                    event,
                    r -> new Readiness(r.at(), r.recoveryPoint(), r.lag(), Optional.empty(), r.notReady()));
        }
    },
    MODE_IGNORED("decided alone although a person has to") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return policy(state, event, p -> policy(Policy.Mode.automatic, p.holdTime(), p.coolDown(), p.maxLoss()));
        }
    },
    TWO_NODES("decided with fewer than three nodes") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            List<String> nodes = new ArrayList<>(state.settings().nodes());
            if (!begins(event) || nodes.size() >= 3) {
                return state;
            }
            nodes.add("nobody");
            return state.with(new Settings(nodes, state.settings().groups()));
        }
    },
    TWO_OPERATIONS("two operations run") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return begins(event)
                    ? group(state, g -> g.change().operation(Optional.empty()).done())
                    : state;
        }
    },
    OPENED_TOO_EARLY("a gate opened before the point of no return") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            Optional<Operation> running = known(state).operation().flatMap(state::operation);
            return isA(event, GateOpened.class) && running.isPresent()
                    ? state.with(running.get().pastTheReturn(state.now()))
                    : state;
        }
    },
    INGRESS_FIRST("ingress open before the pipeline") {
        @Override
        ControlState done(ControlState before, ControlEvent event, ControlState after) {
            return event instanceof GateOpened opened && opened.gate() == Gate.pipeline
                    ? group(after, g -> g.change().gates(new Gates(true, false)).done())
                    : after;
        }
    },
    NOBODY_ASKED("an operation has nobody who asked for it") {
        @Override
        ControlEvent taken(ControlState state, ControlEvent event) {
            return event instanceof OperationRequested r && r.requestedBy().isBlank()
                    ? new OperationRequested(
                            r.id(), r.kind(), r.group(), "somebody", r.reason(), r.acceptLoss(), r.evidence())
                    : event;
        }
    },
    REPETITION_TAKEN("a repeated request began another operation") {
        @Override
        ControlEvent taken(ControlState state, ControlEvent event) {
            return event instanceof OperationRequested r
                            && state.operation(r.id()).isPresent()
                    ? new OperationRequested(
                            r.id() + "-" + state.operations().size(),
                            r.kind(),
                            r.group(),
                            r.requestedBy(),
                            r.reason(),
                            r.acceptLoss(),
                            r.evidence())
                    : event;
        }
    },
    TIME_GOES_BACK("time goes back") {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return event.isEmpty()
                    ? state
                    : new ControlState(
                            Instant.EPOCH,
                            state.settings(),
                            state.groups(),
                            state.votes(),
                            state.operations(),
                            state.evidence(),
                            state.frozen());
        }
    },
    FENCE_NOT_CONFIRMED("closed without a confirmed fence or a person's word", true) {
        @Override
        ControlEvent taken(ControlState state, ControlEvent event) {
            return event instanceof FenceReported r && !r.fence().confirmed()
                    ? new FenceReported(
                            r.group(), r.epoch(), r.region(), FenceState.confirmed(List.of(1)), r.evidence())
                    : event;
        }
    },
    ACLS_LAPSE_BY_TIME("closed without a confirmed fence or a person's word", true) {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return event.isEmpty() || isA(event, LeaseLapsed.class) ? withoutAcls(state) : state;
        }
    },
    WAIVED_BY_NOBODY("closed without a confirmed fence or a person's word", true) {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            Approval nobody = new Approval(Operation.CLOSES, "nobody", "because", state.now());
            return isA(event, FenceWaived.class)
                    ? known(state)
                            .operation()
                            .flatMap(state::operation)
                            .map(operation -> state.with(operation.with(nobody)))
                            .orElse(state)
                    : state;
        }
    },
    ACLS_DECIDE_ALONE("decided alone although only ACLs close the region", true) {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return event.isEmpty() || isA(event, OperationDecided.class) ? withoutAcls(state) : state;
        }
    },
    FENCE_LIFTED_WHILE_LEAVING("the fence of a region that is not open was lifted", true) {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            return isA(event, FenceLifted.class)
                    ? group(state, g -> g.change().operation(Optional.empty()).done())
                    : state;
        }

        @Override
        ControlState done(ControlState before, ControlEvent event, ControlState after) {
            Optional<String> running = known(before).operation();
            return event instanceof FenceLifted
                    ? group(after, g -> g.change().operation(running).done())
                    : after;
        }
    },
    LEDGER_OF_AN_OPEN_REGION("a ledger of a region that is not known to be closed", true) {
        @Override
        ControlState seen(ControlState state, Optional<ControlEvent> event) {
            Optional<FenceState> confirmed = Optional.of(FenceState.confirmed(List.of(1)));
            return event.isEmpty() || isA(event, OperationDecided.class)
                    ? group(state, g -> g.change().fence(g.standby(), confirmed).done())
                    : state;
        }
    };

    private static final double HASTE = 5;

    /** The check that has to bite. */
    final String caughtBy;

    /** Whether the rule is one of regions that ACLs close. */
    final boolean ofAcls;

    Mutation(String caughtBy) {
        this(caughtBy, false);
    }

    Mutation(String caughtBy, boolean ofAcls) {
        this.caughtBy = caughtBy;
        this.ofAcls = ofAcls;
    }

    /** How fast the leader thinks that time passes when it waits for a lease; 1 is right. */
    double haste() {
        return this == LEASE_NOT_WAITED_OUT ? HASTE : 1;
    }

    /** @param event empty when a leader looks for what is due */
    ControlState seen(ControlState state, Optional<ControlEvent> event) {
        return state;
    }

    ControlEvent taken(ControlState state, ControlEvent event) {
        return event;
    }

    ControlState done(ControlState before, ControlEvent event, ControlState after) {
        return after;
    }

    /** A step of the machine without the rule. What it was only shown is not kept. */
    final Transition step(ControlState state, ControlEvent event, Instant now) {
        if (this == NONE || state.groups().isEmpty()) {
            return ControlMachine.step(state, event, now);
        }
        ControlState shown = seen(state, Optional.of(event));
        Transition step = ControlMachine.step(shown, taken(state, event), now);
        boolean beginsNothing =
                begins(Optional.of(event)) && step.state().operations().equals(state.operations());
        if (step.reply().isRefused() || beginsNothing) {
            return new Transition(this == TIME_GOES_BACK ? state : state.at(now), List.of(), step.reply(), List.of());
        }
        ControlState after = step.state();
        boolean adopts = event instanceof ControlEvent.PlatformAdopted;
        after = adopts || event instanceof VerdictVoted ? after : after.withVotes(state.votes());
        after = adopts ? after : after.with(state.settings());
        after = event instanceof ControlEvent.FreezeChanged ? after : after.withFrozen(state.frozen());
        return new Transition(done(state, event, after), step.effects(), step.reply(), step.evidence());
    }

    private static boolean isA(Optional<ControlEvent> event, Class<?> type) {
        return event.filter(type::isInstance).isPresent();
    }

    /** Whether an operation is about to begin, or a leader looks whether one is due. */
    private static boolean begins(Optional<ControlEvent> event) {
        return event.isEmpty() || isA(event, OperationDecided.class) || isA(event, OperationRequested.class);
    }

    private static boolean canReturn(ControlState state) {
        return known(state)
                .operation()
                .flatMap(state::operation)
                .filter(o -> o.pointOfNoReturnAt().isEmpty())
                .isPresent();
    }

    private static GroupState known(ControlState state) {
        return state.group(Scenario.GROUP).orElseThrow();
    }

    private static ControlState group(ControlState state, UnaryOperator<GroupState> change) {
        return state.withGroup(Scenario.GROUP, change.apply(known(state)));
    }

    private static ControlState withoutAcls(ControlState state) {
        return state.with(Scenario.settings(
                Guards.policy(state, Scenario.GROUP), state.settings().nodes()));
    }

    private static ControlState report(
            ControlState state, Optional<ControlEvent> event, UnaryOperator<Readiness> change) {
        GroupState group = known(state);
        return !begins(event) || group.readiness().isEmpty()
                ? state
                : state.withGroup(
                        Scenario.GROUP,
                        group.change()
                                .readiness(change.apply(group.readiness().get()), group.recoveryPoints())
                                .done());
    }

    private static ControlState policy(ControlState state, Optional<ControlEvent> event, UnaryOperator<Policy> change) {
        if (!begins(event)) {
            return state;
        }
        SortedMap<String, GroupSettings> groups = new TreeMap<>(state.settings().groups());
        groups.replaceAll((name, settings) ->
                new GroupSettings(settings.home(), settings.standby(), change.apply(settings.policy())));
        return state.with(new Settings(state.settings().nodes(), groups));
    }

    private static Policy policy(Policy.Mode mode, Duration holdTime, Duration coolDown, Duration maxLoss) {
        return new Policy(mode, holdTime, SimPlatform.LEASE, Scenario.POLICY.leaseMargin(), coolDown, maxLoss);
    }

    private interface Choice {
        Optional<Vote> of(SortedMap<String, Vote> votes);
    }

    /** All nodes are taken to have voted the one chosen vote, if there is one. */
    private static ControlState votes(ControlState state, Optional<ControlEvent> event, String region, Choice choice) {
        Optional<Vote> chosen = choice.of(new TreeMap<>(state.votes(region)));
        if (!begins(event) || chosen.isEmpty()) {
            return state;
        }
        SortedMap<String, Vote> all = new TreeMap<>();
        state.settings().nodes().forEach(node -> all.put(node, chosen.get()));
        SortedMap<String, SortedMap<String, Vote>> votes = new TreeMap<>(state.votes());
        votes.put(region, all);
        return state.withVotes(votes);
    }

    private static ControlEvent withEpoch(ControlEvent event, Epoch epoch) {
        if (event instanceof ReadinessReported reported) {
            return new ReadinessReported(reported.group(), epoch, reported.readiness());
        } else if (event instanceof OperationFinished finished) {
            return new OperationFinished(finished.operation(), epoch, finished.result(), finished.evidence());
        } else if (event instanceof GateOpened opened) {
            return new GateOpened(opened.group(), epoch, opened.gate());
        }
        return event;
    }
}
