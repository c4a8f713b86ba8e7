package io.breakwater.controller.core;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Policy;
import io.breakwater.platform.Segment;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold in every run, found out from the events alone and without asking the machine's guards. Each check has
 * a name; a violation is an {@link AssertionError} that begins with the run.
 */
final class Invariants {

    private static final Set<String> ONLY_FORWARD =
            Set.of("translate-groups", "promote-tables", "restore-jobs", "route");
    private static final Duration VOTE_FRESH = Duration.ofSeconds(5);
    private static final Duration REPORT_FRESH = Duration.ofSeconds(30);

    /** What one node was heard to say of one region. */
    private record Heard(Instant at, boolean up, Optional<Instant> downSince) {
        boolean isFresh(Instant now) {
            return !now.isAfter(at.plus(VOTE_FRESH));
        }
    }

    private final String run;
    private final String group;
    private final Map<String, Map<String, Heard>> heard = new HashMap<>();
    private final Set<String> requests = new HashSet<>();
    private final Set<String> answeredFor = new HashSet<>();
    private final Map<String, Boolean> confirmed = new HashMap<>();
    private Set<String> closedByAcls = Set.of();
    private Policy policy = Scenario.POLICY;
    private List<String> nodes = List.of();
    private boolean frozen;
    private boolean allFrozen;
    private Instant coolUntil = Instant.MIN;
    private Optional<Readiness> report = Optional.empty();

    Invariants(String run, String group) {
        this.run = run;
        this.group = group;
    }

    void check(String violation, boolean holds) {
        if (!holds) {
            throw new AssertionError(run + ": " + violation);
        }
    }

    void atMostOneAcceptsWrites(List<String> open) {
        check("two regions accept writes", open.size() <= 1);
    }

    /** A step does something in the world. */
    void works(String step, Optional<Operation> operation) {
        check(
                step + " works before the point of no return",
                !ONLY_FORWARD.contains(step)
                        || operation
                                .filter(o -> o.pointOfNoReturnAt().isPresent())
                                .isPresent());
    }

    /** @param event as it was proposed */
    void applied(ControlState before, ControlEvent event, ControlState after, Reply reply) {
        check("time goes back", !after.now().isBefore(before.now()));
        Optional<GroupState> last = before.group(group).map(Invariants::plain);
        Optional<GroupState> next = after.group(group).map(Invariants::plain);
        check(
                "a refused event changed something",
                !reply.isRefused() || (last.equals(next) && before.operations().equals(after.operations())));
        if (last.isPresent() && next.isPresent()) {
            GroupState was = last.get();
            check(
                    "an event of an older epoch changed something",
                    epochOf(event)
                                    .filter(epoch -> epoch.compareTo(was.epoch()) < 0)
                                    .isEmpty()
                            || (was.equals(next.get()) && before.operations().equals(after.operations())));
            check(
                    "a gate opened before the point of no return",
                    !(event instanceof ControlEvent.GateOpened)
                            || reply.isRefused()
                            || was.operation()
                                    .flatMap(before::operation)
                                    .filter(o -> o.pointOfNoReturnAt().isPresent())
                                    .isPresent());
            changed(event, was, next.get(), before);
            if (event instanceof ControlEvent.FenceLifted lifted && !reply.isRefused()) {
                lifted(lifted, was, before);
            }
            operations(before, event, after, was);
        }
        if (!reply.isRefused()) {
            remember(event, after.now());
        }
    }

    /** The denials say what is so at a moment; they change as time passes. */
    private static GroupState plain(GroupState group) {
        return group.change().denials(List.of()).done();
    }

    private static Optional<Epoch> epochOf(ControlEvent event) {
        if (event instanceof ControlEvent.LeaseLapsed lapsed) {
            return Optional.of(lapsed.epoch());
        } else if (event instanceof ControlEvent.OperationDecided decided) {
            return Optional.of(decided.epoch());
        } else if (event instanceof ControlEvent.StepBegan began) {
            return Optional.of(began.epoch());
        } else if (event instanceof ControlEvent.StepEnded ended) {
            return Optional.of(ended.epoch());
        } else if (event instanceof ControlEvent.PointOfNoReturnPassed passed) {
            return Optional.of(passed.epoch());
        } else if (event instanceof ControlEvent.GateOpened opened) {
            return Optional.of(opened.epoch());
        } else if (event instanceof ControlEvent.OperationFinished finished) {
            return Optional.of(finished.epoch());
        } else if (event instanceof ControlEvent.ReadinessReported reported) {
            return Optional.of(reported.epoch());
        } else if (event instanceof ControlEvent.FlowStarted started) {
            return Optional.of(started.epoch());
        } else if (event instanceof ControlEvent.SegmentBegun begun) {
            return Optional.of(begun.segment().epoch());
        } else if (event instanceof ControlEvent.SegmentEnded ended) {
            return Optional.of(ended.epoch());
        } else if (event instanceof ControlEvent.FenceReported reported) {
            return Optional.of(reported.epoch());
        } else if (event instanceof ControlEvent.FenceLifted lifted) {
            return Optional.of(lifted.epoch());
        } else if (event instanceof ControlEvent.FenceWaived waived) {
            return Optional.of(waived.epoch());
        }
        return Optional.empty();
    }

    // What is known of the world, by the events that were accepted

    private void remember(ControlEvent event, Instant now) {
        if (event instanceof ControlEvent.VerdictVoted voted) {
            voted.verdicts().forEach((region, verdict) -> hear(voted.node(), region, verdict, now));
        } else if (event instanceof ControlEvent.PlatformAdopted adopted) {
            nodes = adopted.settings().nodes();
            // Who leaves and comes back begins anew.
            heard.values().forEach(ofRegion -> ofRegion.keySet().retainAll(nodes));
            GroupSettings settings = adopted.settings().groups().get(group);
            policy = settings == null ? policy : settings.policy();
            closedByAcls = settings == null ? closedByAcls : settings.fencedByAcls();
        } else if (event instanceof ControlEvent.FreezeChanged freeze) {
            if (freeze.group().equals(ControlEvent.ALL_GROUPS)) {
                allFrozen = freeze.frozen();
            } else {
                frozen = freeze.frozen();
            }
        } else if (event instanceof ControlEvent.CoolDownAcknowledged) {
            coolUntil = Instant.MIN;
        } else if (event instanceof ControlEvent.ReadinessReported reported) {
            report = Optional.of(reported.readiness());
        } else if (event instanceof ControlEvent.StepApproved approved
                && approved.step().equals(Operation.CLOSES)) {
            answeredFor.add(approved.operation());
        } else if (event instanceof ControlEvent.FenceReported reported) {
            confirmed.put(reported.region(), reported.fence().confirmed());
        } else if (event instanceof ControlEvent.FenceLifted lifted) {
            confirmed.put(lifted.region(), false);
        }
    }

    private void hear(String node, String region, RegionVerdict verdict, Instant now) {
        Map<String, Heard> ofRegion = heard.computeIfAbsent(region, r -> new HashMap<>());
        boolean down =
                verdict.verdict() == Verdict.DOWN && verdict.downClasses().size() >= 2;
        Optional<Heard> last = Optional.ofNullable(ofRegion.get(node)).filter(h -> h.isFresh(now));
        Instant since = last.flatMap(Heard::downSince).orElse(now);
        ofRegion.put(
                node, new Heard(now, verdict.verdict() == Verdict.UP, down ? Optional.of(since) : Optional.empty()));
    }

    private List<Heard> fresh(String region, Instant now) {
        return heard.getOrDefault(region, Map.of()).values().stream()
                .filter(h -> h.isFresh(now))
                .toList();
    }

    private Optional<Instant> firstDown(String region, Instant now) {
        return fresh(region, now).stream().flatMap(h -> h.downSince().stream()).min(Instant::compareTo);
    }

    private boolean isMajority(long voices) {
        return voices > nodes.size() / 2;
    }

    // What the machine did

    private void changed(ControlEvent event, GroupState last, GroupState group, ControlState before) {
        check("the epoch goes back", group.epoch().compareTo(last.epoch()) >= 0);
        check(
                "the renewal index goes back",
                group.lease().renewalIndex() >= last.lease().renewalIndex());
        check("active and standby are one", !group.active().equals(group.standby()));
        Optional<Operation> running = last.operation().flatMap(before::operation);
        if (group.lease().renewalIndex() != last.lease().renewalIndex()) {
            check("a renewal after the lapse", !last.lease().lapsed());
            check(
                    "a renewal while the active role is taken away",
                    running.filter(o -> o.moves() && o.pointOfNoReturnAt().isEmpty())
                            .isEmpty());
        }
        if (group.lease().lapsed() && !last.lease().lapsed()) {
            closed(event, last);
        }
        check(
                "ingress open before the pipeline",
                !group.gates().ingress() || group.gates().pipeline());
        group.segments()
                .last()
                .filter(Segment::open)
                .ifPresent(flow -> check(
                        "a flow into the active region is open",
                        flow.flow().to().equals(group.standby())));
        if (!group.active().equals(last.active())) {
            promoted(event, last, group);
        }
    }

    private void lifted(ControlEvent.FenceLifted lifted, GroupState last, ControlState before) {
        boolean leaving = last.operation()
                .flatMap(before::operation)
                .filter(o -> o.moves() && o.pointOfNoReturnAt().isEmpty())
                .isPresent();
        check(
                "the fence of a region that is not open was lifted",
                lifted.region().equals(last.active()) && last.gates().ingress() && !leaving);
    }

    private void closed(ControlEvent event, GroupState last) {
        if (closedByAcls.contains(last.active())) {
            boolean confirms = event instanceof ControlEvent.FenceReported reported
                    && reported.region().equals(last.active())
                    && reported.fence().confirmed();
            boolean answered =
                    event instanceof ControlEvent.FenceWaived waived && answeredFor.contains(waived.operation());
            check("closed without a confirmed fence or a person's word", confirms || answered);
        } else {
            check(
                    "lapsed although a newer renewal stands",
                    event instanceof ControlEvent.LeaseLapsed lapsed
                            && lapsed.renewalIndex() == last.lease().renewalIndex());
        }
    }

    private void promoted(ControlEvent event, GroupState last, GroupState group) {
        check(
                "promoted although where the flow ended is not recorded",
                last.segments().last().filter(ended -> !ended.open()).isPresent());
        check("promoted before the lease lapsed", last.lease().lapsed());
        check("promoted open", group.gates().equals(Gates.CLOSED));
        check("promoted without a point of no return", event instanceof ControlEvent.PointOfNoReturnPassed);
        report = Optional.empty();
    }

    private void operations(ControlState before, ControlEvent event, ControlState after, GroupState last) {
        long running = after.operations().stream()
                .filter(o -> o.group().equals(group) && o.isRunning())
                .count();
        check("two operations run", running <= 1);
        for (Operation operation : after.operations()) {
            Optional<Operation> was = before.operation(operation.id());
            if (was.isEmpty()) {
                begun(event, operation, after, last);
            } else {
                check(
                        "the point of no return was taken back",
                        was.get().pointOfNoReturnAt().isEmpty()
                                || operation.pointOfNoReturnAt().isPresent());
                check("an operation that has ended runs again", was.get().isRunning() || !operation.isRunning());
                check(
                        "an operation succeeded before its point of no return",
                        operation.state() != Operation.State.succeeded
                                || !operation.moves()
                                || operation.pointOfNoReturnAt().isPresent());
            }
        }
    }

    private void begun(ControlEvent event, Operation operation, ControlState after, GroupState last) {
        if (event instanceof ControlEvent.OperationRequested requested) {
            check(
                    "an operation has nobody who asked for it",
                    !requested.requestedBy().isBlank() && !requested.reason().isBlank());
            check("a repeated request began another operation", requests.add(requested.id()));
            if (operation.moves()) {
                ready(after.now(), last, requested.acceptLoss());
            }
        } else if (event instanceof ControlEvent.OperationDecided && operation.moves()) {
            automatic(after.now(), last);
            coolUntil = after.now().plus(policy.coolDown());
        } else if (event instanceof ControlEvent.OperationDecided) {
            check(
                    "a ledger of a region that is not known to be closed",
                    !closedByAcls.contains(last.standby()) || confirmed.getOrDefault(last.standby(), false));
        }
    }

    private void automatic(Instant now, GroupState last) {
        check("decided alone although only ACLs close the region", !closedByAcls.contains(last.active()));
        check("decided alone although a person has to", policy.mode() == Policy.Mode.automatic);
        check("decided with fewer than three nodes", nodes.size() >= 3);
        check("decided although the group is frozen", !frozen);
        check("decided although all groups are frozen", !allFrozen);
        check("decided in the cool-down", !now.isBefore(coolUntil));
        long held = fresh(last.active(), now).stream()
                .filter(h -> h.downSince()
                        .filter(since -> !now.isBefore(since.plus(policy.holdTime())))
                        .isPresent())
                .count();
        check("decided without a majority that saw the region down for the hold time", isMajority(held));
        ready(now, last, false);
        Optional<Instant> firstDown = firstDown(last.active(), now);
        check(
                "decided although replication flows",
                report.flatMap(Readiness::topicsThrough)
                        .filter(through -> firstDown.filter(through::isAfter).isPresent())
                        .isEmpty());
    }

    private void ready(Instant now, GroupState last, boolean acceptLoss) {
        long up = fresh(last.standby(), now).stream().filter(Heard::up).count();
        check("moved to a region that no majority saw up", isMajority(up));
        Optional<Readiness> fresh = report.filter(r -> !now.isAfter(r.at().plus(REPORT_FRESH)));
        check("moved without a fresh report of the standby", fresh.isPresent());
        Readiness known = fresh.orElseThrow();
        check(
                "moved to a standby that is not ready",
                known.recoveryPoint().isPresent() && known.notReady().isEmpty());
        if (!acceptLoss) {
            check("moved with an unknown lag", known.lag().isPresent());
            Instant until = firstDown(last.active(), now).orElse(now);
            Duration loss = Duration.between(known.recoveryPoint().orElseThrow().sourceTime(), until);
            check("moved with a loss that nobody accepted", loss.compareTo(policy.maxLoss()) <= 0);
        }
    }
}
