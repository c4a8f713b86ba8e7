package io.breakwater.controller.core;

import io.breakwater.controller.core.ControlEvent.CoolDownAcknowledged;
import io.breakwater.controller.core.ControlEvent.EvidencePublished;
import io.breakwater.controller.core.ControlEvent.EvidenceRecorded;
import io.breakwater.controller.core.ControlEvent.FenceLifted;
import io.breakwater.controller.core.ControlEvent.FenceReported;
import io.breakwater.controller.core.ControlEvent.FenceWaived;
import io.breakwater.controller.core.ControlEvent.FlowStarted;
import io.breakwater.controller.core.ControlEvent.FreezeChanged;
import io.breakwater.controller.core.ControlEvent.GateOpened;
import io.breakwater.controller.core.ControlEvent.JobsFenced;
import io.breakwater.controller.core.ControlEvent.LeadTransferRequested;
import io.breakwater.controller.core.ControlEvent.LeaseLapsed;
import io.breakwater.controller.core.ControlEvent.LeaseRenewal;
import io.breakwater.controller.core.ControlEvent.NodesChangeRequested;
import io.breakwater.controller.core.ControlEvent.OperationApproved;
import io.breakwater.controller.core.ControlEvent.OperationDecided;
import io.breakwater.controller.core.ControlEvent.OperationFinished;
import io.breakwater.controller.core.ControlEvent.OperationRequested;
import io.breakwater.controller.core.ControlEvent.PlatformAdopted;
import io.breakwater.controller.core.ControlEvent.PointOfNoReturnPassed;
import io.breakwater.controller.core.ControlEvent.ReadinessReported;
import io.breakwater.controller.core.ControlEvent.SegmentBegun;
import io.breakwater.controller.core.ControlEvent.SegmentEnded;
import io.breakwater.controller.core.ControlEvent.StepApproved;
import io.breakwater.controller.core.ControlEvent.StepBegan;
import io.breakwater.controller.core.ControlEvent.StepEnded;
import io.breakwater.controller.core.ControlEvent.VerdictVoted;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.RecoveryPoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Decides. A pure function: the same events at the same times lead every node to the same state.
 *
 * <p>Holds at all times: a group has exactly one active region; its epoch and its lease's renewal index only grow; a
 * region becomes active only after the lease of the other one has lapsed and the end of the flow to it is recorded; an event of an older epoch changes nothing;
 * a refused event, and one that repeats another, changes nothing but the time; a flow's segment begins only after the last one has ended.
 */
public final class ControlMachine {

    private ControlMachine() {}

    /** @param now the leader's clock when it took the event in; an earlier time than the state's counts as the state's */
    public static Transition step(ControlState state, ControlEvent event, Instant now) {
        ControlState before = state.at(now);
        Change change = EvidenceEntry.tooLarge(event.evidence())
                ? Change.refused(before, new Denial.EvidenceTooLarge(EvidenceEntry.MAX_BYTES))
                : apply(before, event);
        boolean refused = change.reply().isRefused();
        List<String> evidence = refused || change.repeated() ? List.of() : event.evidence();
        ControlState after = refused ? before : change.state();
        if (!evidence.isEmpty()) {
            after = after.with(after.evidence().with(evidence));
        }
        after = withDenials(after);
        List<Effect> effects = new ArrayList<>(outstanding(after));
        effects.removeAll(outstanding(state));
        return new Transition(after, effects, change.reply(), evidence);
    }

    /** All that the leader has still to do in the world. */
    public static List<Effect> outstanding(ControlState state) {
        List<Effect> effects = new ArrayList<>();
        state.groups().forEach((name, group) -> {
            // A flow that an operation is about to fence is not begun: it would lift the fence again.
            if (group.flowPending() && Leases.leaving(state, group).isEmpty()) {
                effects.add(new Effect.StartFlow(name, group.flow(), group.epoch()));
            }
            group.operation()
                    .ifPresent(operation -> effects.add(new Effect.RunOperation(operation, name, group.epoch())));
        });
        return effects;
    }

    private static Change apply(ControlState state, ControlEvent event) {
        if (event instanceof VerdictVoted voted) {
            return vote(state, voted);
        } else if (event instanceof LeaseRenewal renewal) {
            return Leases.renew(state, renewal);
        } else if (event instanceof LeaseLapsed lapsed) {
            return Leases.lapse(state, lapsed);
        } else if (event instanceof GateOpened opened) {
            return Leases.open(state, opened);
        } else if (event instanceof OperationRequested requested) {
            return Operations.request(state, requested);
        } else if (event instanceof OperationApproved approved) {
            return Approvals.approve(state, approved);
        } else if (event instanceof StepApproved approved) {
            return Approvals.approve(state, approved);
        } else if (event instanceof OperationDecided decided) {
            return Operations.decide(state, decided);
        } else if (event instanceof StepBegan began) {
            return Operations.beginStep(state, began);
        } else if (event instanceof StepEnded ended) {
            return Operations.endStep(state, ended);
        } else if (event instanceof PointOfNoReturnPassed passed) {
            return Operations.passPointOfNoReturn(state, passed);
        } else if (event instanceof OperationFinished finished) {
            return Operations.finish(state, finished);
        } else {
            return applyToGroup(state, event);
        }
    }

    private static Change applyToGroup(ControlState state, ControlEvent event) {
        if (event instanceof PlatformAdopted adopted) {
            return adopt(state, adopted.settings());
        } else if (event instanceof ReadinessReported reported) {
            return report(state, reported);
        } else if (event instanceof FlowStarted started) {
            return Operations.inEpoch(
                    state,
                    started.group(),
                    started.epoch(),
                    group -> Change.accepted(state.withGroup(
                            started.group(), group.change().flowPending(false).done())));
        } else if (event instanceof SegmentBegun begun) {
            return FlowSegments.begin(state, begun);
        } else if (event instanceof SegmentEnded ended) {
            return FlowSegments.end(state, ended);
        } else if (event instanceof JobsFenced fenced) {
            return fence(state, fenced);
        } else if (event instanceof FenceReported reported) {
            return Fences.report(state, reported);
        } else if (event instanceof FenceLifted lifted) {
            return Fences.lift(state, lifted);
        } else if (event instanceof FenceWaived waived) {
            return Fences.waive(state, waived);
        } else if (event instanceof FreezeChanged freeze) {
            return freeze(state, freeze);
        } else if (event instanceof CoolDownAcknowledged acknowledged) {
            return byPerson(
                    state,
                    acknowledged.group(),
                    acknowledged.requestedBy(),
                    acknowledged.reason(),
                    GroupChange::noCoolDown);
        } else if (event instanceof LeadTransferRequested transfer) {
            return NodeChanges.transferLead(state, transfer);
        } else if (event instanceof NodesChangeRequested change) {
            return NodeChanges.change(state, change);
        } else if (event instanceof EvidencePublished published) {
            return Change.accepted(state.with(state.evidence().published(published.size())));
        } else if (event instanceof EvidenceRecorded) {
            return Change.accepted(state);
        }
        throw new IllegalStateException("no rule for the event " + event.getClass());
    }

    private static Change adopt(ControlState state, Settings settings) {
        SortedMap<String, GroupState> groups = new TreeMap<>();
        settings.groups()
                .forEach((name, group) ->
                        groups.put(name, state.group(name).orElseGet(() -> GroupState.beginning(group))));
        // A group with a running operation stays until that has ended: what was begun is finished or undone.
        state.groups().forEach((name, group) -> group.operation().ifPresent(o -> groups.putIfAbsent(name, group)));
        SortedMap<String, GroupSettings> kept = new TreeMap<>(settings.groups());
        groups.keySet().forEach(name -> kept.computeIfAbsent(name, n -> settingsOf(state, n)));
        return Change.accepted(state.with(new Settings(settings.nodes(), kept))
                .withGroups(groups)
                .withVotes(votesOf(settings.nodes(), state)));
    }

    /** A node that is none any more has no voice from now on. */
    private static SortedMap<String, SortedMap<String, Vote>> votesOf(List<String> nodes, ControlState state) {
        SortedMap<String, SortedMap<String, Vote>> votes = new TreeMap<>();
        state.votes().forEach((region, ofRegion) -> {
            SortedMap<String, Vote> kept = new TreeMap<>(ofRegion);
            kept.keySet().retainAll(nodes);
            votes.put(region, kept);
        });
        return votes;
    }

    private static GroupSettings settingsOf(ControlState state, String group) {
        GroupSettings settings = state.settings().groups().get(group);
        if (settings == null) {
            throw new IllegalStateException("group " + group + " has no settings");
        }
        return settings;
    }

    private static Change vote(ControlState state, VerdictVoted voted) {
        if (!state.settings().nodes().contains(voted.node())) {
            return Change.refused(state, new Denial.UnknownNode(voted.node()));
        }
        SortedMap<String, SortedMap<String, Vote>> votes = new TreeMap<>(state.votes());
        voted.verdicts().forEach((region, verdict) -> {
            SortedMap<String, Vote> ofRegion = new TreeMap<>(state.votes(region));
            Vote last = ofRegion.get(voted.node());
            ofRegion.put(
                    voted.node(), last == null ? Vote.first(verdict, state.now()) : last.next(verdict, state.now()));
            votes.put(region, ofRegion);
        });
        return Change.accepted(state.withVotes(votes));
    }

    private static Change report(ControlState state, ReadinessReported reported) {
        return Operations.inEpoch(state, reported.group(), reported.epoch(), group -> {
            long points = group.recoveryPoints() + (isAnother(group, reported.readiness()) ? 1 : 0);
            return Change.accepted(state.withGroup(
                    reported.group(),
                    group.change().readiness(reported.readiness(), points).done()));
        });
    }

    /** Whether the report has a recovery point, and another one than the last report. */
    private static boolean isAnother(GroupState group, Readiness next) {
        Optional<RecoveryPoint> last = group.readiness().flatMap(Readiness::recoveryPoint);
        return next.recoveryPoint()
                .filter(point ->
                        last.filter(l -> versions(l).equals(versions(point))).isEmpty())
                .isPresent();
    }

    /** What tells recovery points apart: topics move on all the time, writers' versions are what is restored. */
    private static Map<AssetId, String> versions(RecoveryPoint point) {
        Map<AssetId, String> versions = new TreeMap<>();
        point.positions().forEach((asset, position) -> position.version().ifPresent(v -> versions.put(asset, v)));
        return versions;
    }

    private static Change fence(ControlState state, JobsFenced fenced) {
        String region = fenced.fence().region();
        return Operations.inEpoch(
                state,
                fenced.group(),
                fenced.epoch(),
                group -> group.jobFence()
                        .filter(owed -> owed.region().equals(region))
                        .map(owed -> owed.equals(fenced.fence())
                                ? Change.repeated(state, new Reply.Accepted())
                                : Change.accepted(state.withGroup(
                                        fenced.group(),
                                        group.change().jobFence(fenced.fence()).done())))
                        .orElseGet(() -> Change.refused(state, new Denial.RegionNotLeft(fenced.group(), region))));
    }

    private static Change freeze(ControlState state, FreezeChanged freeze) {
        boolean anonymous = freeze.requestedBy().isBlank() || freeze.reason().isBlank();
        if (freeze.group().equals(ControlEvent.ALL_GROUPS) && !anonymous) {
            return Change.accepted(state.withFrozen(freeze.frozen()));
        }
        return byPerson(
                state, freeze.group(), freeze.requestedBy(), freeze.reason(), change -> change.frozen(freeze.frozen()));
    }

    private static Change byPerson(
            ControlState state, String name, String requestedBy, String reason, UnaryOperator<GroupChange> change) {
        if (requestedBy.isBlank() || reason.isBlank()) {
            return Change.refused(state, new Denial.NameAndReasonNeeded());
        }
        return state.group(name)
                .map(group -> Change.accepted(
                        state.withGroup(name, change.apply(group.change()).done())))
                .orElseGet(() -> Change.refused(state, new Denial.UnknownGroup(name)));
    }

    private static ControlState withDenials(ControlState state) {
        SortedMap<String, GroupState> groups = new TreeMap<>();
        state.groups()
                .forEach((name, group) -> groups.put(
                        name,
                        group.change()
                                .denials(Guards.automatic(state, name, group, state.now()))
                                .done()));
        return state.withGroups(groups);
    }
}
