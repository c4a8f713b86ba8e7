package io.breakwater.controller.core;

import io.breakwater.controller.fence.AclCluster;
import io.breakwater.controller.runbook.SimulatedRuns;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * The real core and the real engine of runbooks on simulated time: nodes with wrong, drifting and jumping clocks that lead and are deposed, are stopped
 * and cut off in one direction or both, proposals that are lost, late and doubled, brokers that pull, die and come
 * back, observers that lie, persons that freeze, repeat themselves and say no name, members that change. After a while
 * nothing goes wrong any more, and then all must come to its end. Times are seconds. The same seed is the same run.
 */
final class Simulation {

    private static final String GROUP = Scenario.GROUP;
    /** Until then things go wrong. */
    private static final double HORIZON = 90;
    /** By then all has come to its end. */
    private static final double END = 600;

    private static final double MAX_DRIFT = 0.03;
    private static final Instant BEGIN = Instant.parse("2026-11-22T09:00:00Z");
    private final Random random;
    private final Mutation mutation;
    private final Invariants invariants;
    private final Policy policy;
    private final SimTime clock;
    private final List<SimNode> nodes = new ArrayList<>();
    private final List<SimBroker> brokers = new ArrayList<>();
    private final Map<SimNode, SimulatedRuns> runs = new HashMap<>();
    private final Map<String, Reply> answered = new HashMap<>();
    private final List<ControlEvent> sent = new ArrayList<>();
    private final SimTally tally = new SimTally();
    private final SimAcls acls;
    /** The platform file, the same on all nodes. */
    private Settings settings;

    private ControlState state = ControlState.EMPTY;
    private SimNode leader;
    private Optional<Readiness> odd = Optional.empty();

    /** @param closedByAcls regions whose brokers hold no leases */
    Simulation(long seed, Mutation mutation, Set<String> closedByAcls) {
        this.random = new Random(seed);
        this.clock = new SimTime(random);
        this.mutation = mutation;
        this.invariants = new Invariants("seed " + seed, GROUP);
        this.policy = SimPlatform.policy(random);
        this.settings = SimPlatform.settings(policy, closedByAcls);
        this.acls = new SimAcls(closedByAcls, "east", random, () -> state, tally);
        SimPlatform.NODES.forEach(id -> nodes.add(new SimNode(id, random, MAX_DRIFT)));
        nodes.forEach(node -> runs.put(node, new SimulatedRuns(GROUP, policy, new WorldOf(node))));
        for (String region : List.of("east", "west")) {
            double clockRate = 1 + (random.nextDouble() * 2 - 1) * MAX_DRIFT;
            Optional<SimAclBroker> closed = acls.broker(region);
            brokers.add(closed.isPresent() ? closed.get() : new SimLeaseBroker(region, clockRate));
        }
        leader = nodes.get(1);
        elect(leader);
        nodes.forEach(node -> {
            clock.every(0.25, () -> lead(node));
            clock.every(1.0, () -> vote(node));
        });
        brokers.forEach(broker -> clock.every(1.0, () -> pull(broker)));
        if (acls.areThere()) {
            nodes.forEach(node -> clock.every(1.0, () -> lookAtAcls(node)));
            clock.every(3.0, () -> acls.word().ifPresent(this::send));
        }
        clock.every(2.0, this::report);
        clock.every(6.0, whileThingsGoWrong(this::trouble));
        clock.every(6.0, whileThingsGoWrong(this::somebodyActs));
    }

    /** Runs to the end; how often each thing happened. */
    Map<String, Integer> run() {
        try {
            while (clock.time() < HORIZON || (mutation == Mutation.NONE && !isAtItsEnd())) {
                invariants.check("it does not come to an end", clock.time() < END);
                clock.goOn();
                List<String> open = open();
                invariants.atMostOneAcceptsWrites(acls.against(open));
                open.forEach(tally::open);
            }
            return tally.seen();
        } finally {
            runs.values().forEach(SimulatedRuns::crash);
        }
    }

    private List<String> open() {
        List<String> open = new ArrayList<>();
        for (SimBroker broker : brokers) {
            if (broker.acceptsWrites(clock.time())) {
                open.add(broker.region);
            }
        }
        return open;
    }

    /** No operation runs, and the active region, and no other, lets writers through. */
    private boolean isAtItsEnd() {
        return state.operations().stream().noneMatch(Operation::isRunning)
                && state.group(GROUP)
                        .filter(group -> open().equals(List.of(group.active())))
                        .isPresent();
    }

    private SimulatedRuns runsOn(SimNode node) {
        return Objects.requireNonNull(runs.get(node));
    }

    private Runnable whileThingsGoWrong(Runnable work) {
        return () -> {
            if (clock.time() < HORIZON) {
                work.run();
            }
        };
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    // What goes wrong

    private void trouble() {
        switch (random.nextInt(12)) {
            case 0 -> {
                SimBroker broker = any(brokers);
                broker.kill();
                clock.after(random.nextDouble() * 20, broker::restart);
                tally.count("broker killed");
            }
            case 1 -> elect(any(nodes));
            case 2 -> lie(List.of(any(nodes)), any(brokers).region, Scenario.down(), random.nextDouble() * 15);
            case 3 -> lie(nodes, active(), Scenario.down(), 5 + random.nextDouble() * 10);
            // One probe repeated is one observation.
            case 4 -> lie(nodes, any(brokers).region, Scenario.down("kafka"), 5 + random.nextDouble() * 10);
            case 5 -> cutOff(any(nodes), random.nextBoolean(), random.nextBoolean());
            case 6 -> stop(any(nodes));
            case 7 -> {
                any(nodes).jumpWallClock(random.nextGaussian() * 30);
                tally.count("clock jumped");
            }
            case 8 -> crash(any(nodes));
            case 9 -> confused();
            case 10 -> {
                // Nobody reaches a region that lives on, and a node stops soon after.
                clock.after(random.nextDouble() * 5, () -> stop(any(nodes)));
                double during = 5 + random.nextDouble() * 15;
                lie(nodes, active(), Scenario.down(), during);
                brokers.stream()
                        .filter(broker -> broker.region.equals(active()))
                        .forEach(SimBroker::cutOff);
                clock.after(during, () -> brokers.forEach(SimBroker::reach));
            }
            default -> oddReports();
        }
    }

    private String active() {
        return state.group(GROUP).map(GroupState::active).orElse("east");
    }

    private void lie(List<SimNode> liars, String region, RegionVerdict verdict, double during) {
        liars.forEach(node -> node.lie = Optional.of(new SimNode.Lie(region, verdict)));
        clock.after(during, () -> liars.forEach(node -> node.lie = Optional.empty()));
        tally.count("lie");
    }

    private void cutOff(SimNode node, boolean mute, boolean deaf) {
        node.mute = mute;
        node.deaf = deaf;
        clock.after(random.nextDouble() * 20, () -> {
            node.mute = false;
            node.deaf = false;
            if (!node.paused && (node == leader || !node.leads())) {
                node.hears(state, false, clock.time());
            }
        });
        tally.count(mute && deaf ? "cut off" : mute || deaf ? "cut off one way" : "not cut off");
        depose(node);
    }

    private void stop(SimNode node) {
        node.paused = true;
        clock.after(1 + random.nextDouble() * 20, () -> node.paused = false);
        tally.count("node stopped");
        depose(node);
    }

    /** It is killed and comes back with what the log has. */
    private void crash(SimNode node) {
        runsOn(node).crash();
        node.knowsThatItIsDeposed();
        stop(node);
        tally.count("node killed");
    }

    /** A message that no sane leader would send. */
    private void confused() {
        state.operations().stream().filter(Operation::isRunning).forEach(operation -> {
            send(new ControlEvent.GateOpened(GROUP, operation.epoch(), any(List.of(Gate.values()))));
            state.group(GROUP)
                    .filter(g -> random.nextBoolean())
                    .ifPresent(group -> send(new ControlEvent.SegmentEnded(
                            operation.id(), operation.epoch(), SegmentStory.ended(group, operation.flow()))));
            clock.after(0.5, () -> send(new ControlEvent.PointOfNoReturnPassed(operation.id(), operation.epoch())));
            acls.confused(operation).forEach(this::send);
        });
    }

    /** If it leads and stays cut off, the others elect somebody else, as soon as one of them can lead. */
    private void depose(SimNode node) {
        clock.after(1.5 + random.nextDouble() * 2, () -> {
            if (leader == node && (node.isCutOff() || !node.leads())) {
                nodes.stream()
                        .filter(other -> !other.isCutOff())
                        .findAny()
                        .ifPresentOrElse(this::elect, () -> depose(node));
            }
        });
    }

    private void elect(SimNode next) {
        SimNode deposed = leader;
        if (deposed != next) {
            hearsThatItIsDeposed(deposed);
        }
        leader = next;
        next.hears(state, false, clock.time());
        next.leadsFrom(clock.time());
        tally.count("elected");
    }

    /** It thinks for a while that it still leads, and for as long as it is cut off. */
    private void hearsThatItIsDeposed(SimNode deposed) {
        clock.after(random.nextDouble() * 3, () -> {
            if (leader != deposed && deposed.isCutOff()) {
                hearsThatItIsDeposed(deposed);
            } else if (leader != deposed) {
                deposed.knowsThatItIsDeposed();
                runsOn(deposed).stop();
                deposed.hears(state, false, clock.time());
            }
        });
    }

    /** The standby's reports say something else for a while. */
    private void oddReports() {
        odd = Optional.of(any(OddReports.at(leader.wallClock(BEGIN, clock.time()))));
        clock.after(10 + random.nextDouble() * 10, () -> odd = Optional.empty());
        tally.count("odd reports");
    }

    // What persons do

    private void somebodyActs() {
        boolean on = random.nextBoolean();
        switch (random.nextInt(8)) {
            case 0 -> send(new ControlEvent.FreezeChanged(GROUP, on, "ada", "because", List.of()));
            case 1 ->
                send(new ControlEvent.FreezeChanged(
                        ControlEvent.ALL_GROUPS, on && random.nextBoolean(), "ada", "because", List.of()));
            case 2 -> send(new ControlEvent.CoolDownAcknowledged(GROUP, "ada", "because", List.of()));
            case 3 -> {
                settings = new Settings(any(SimPlatform.MEMBERSHIPS), settings.groups());
                tally.count("members changed");
            }
            case 4 -> repeatSomethingOld();
            default -> ask();
        }
    }

    /** A message that comes very late, or a client that tries again. */
    private void repeatSomethingOld() {
        if (!sent.isEmpty()) {
            send(any(sent));
            tally.count("repeated");
        }
    }

    private void ask() {
        String kind = !active().equals("east") && random.nextInt(4) > 0 ? Operation.FAILBACK : Operation.FAILOVER;
        String who = random.nextInt(4) == 0 ? "" : "ada";
        boolean acceptLoss = kind.equals(Operation.FAILOVER) && random.nextBoolean();
        ControlEvent request = new ControlEvent.OperationRequested(
                "manual-" + clock.mark(), kind, GROUP, who, "because", acceptLoss, List.of());
        sent.add(request);
        send(request);
    }

    // What each part does

    private void vote(SimNode node) {
        send(node, ControlEvent.VerdictVoted.of(node.id, node.verdicts(brokers)));
    }

    private void pull(SimBroker puller) {
        if (!(puller instanceof SimLeaseBroker broker) || !broker.isAlive() || broker.isCutOff()) {
            return;
        }
        double sentAt = broker.clock(clock.time());
        SimNode asked = any(nodes);
        propose(asked, new ControlEvent.LeaseRenewal(broker.region, broker.region + "-1", "" + clock.mark()), reply -> {
            if (reply instanceof Reply.LeaseAnswer answer && random.nextInt(20) > 0 && !asked.isCutOff()) {
                clock.after(delay(), () -> answer.groups().forEach(lease -> broker.take(lease, sentAt)));
            }
        });
    }

    private void report() {
        state.group(GROUP).ifPresent(group -> {
            Instant now = leader.wallClock(BEGIN, clock.time());
            Instant through = state.firstDownVote(group.active(), state.now())
                    .orElse(state.now())
                    .minusSeconds(5);
            send(
                    leader,
                    new ControlEvent.ReadinessReported(
                            GROUP, group.epoch(), odd.orElse(OddReports.usual(now, through))));
        });
    }

    private void lead(SimNode node) {
        if (!node.leads() || node.paused) {
            return;
        }
        Duration quiet = node.quiet(clock.time()).multipliedBy((long) mutation.haste());
        LeaderFacts facts = new LeaderFacts(settings, Map.of(GROUP, quiet));
        ControlState view = node.view;
        ControlState shown = view.groups().isEmpty() ? view : mutation.seen(view, Optional.empty());
        Proposals.due(shown, node.wallClock(BEGIN, clock.time()), facts).stream()
                .map(event -> event instanceof ControlEvent.PlatformAdopted
                        ? new ControlEvent.PlatformAdopted(settings)
                        : event)
                .forEach(event -> send(node, event));
        view.group(GROUP).filter(GroupState::flowPending).ifPresent(group -> beginFlow(node, group));
        ControlMachine.outstanding(view).forEach(effect -> {
            if (effect instanceof Effect.RunOperation operation) {
                runsOn(node).run(operation.operation());
            }
        });
    }

    private void lookAtAcls(SimNode node) {
        if (node.leads() && !node.paused) {
            runsOn(node).lookAtAcls();
        }
    }

    private void beginFlow(SimNode node, GroupState group) {
        boolean begun = group.segments().segments().isEmpty()
                || group.segments().open(group.flow()).isPresent();
        send(
                node,
                begun
                        ? new ControlEvent.FlowStarted(GROUP, group.epoch())
                        : new ControlEvent.SegmentBegun(GROUP, SegmentStory.begun(group), new TreeMap<>(), List.of()));
    }

    /** What a run sees and does on one node. */
    private final class WorldOf implements SimulatedRuns.World {
        private final SimNode node;

        WorldOf(SimNode node) {
            this.node = node;
        }

        @Override
        public Instant now() {
            return node.wallClock(BEGIN, clock.time());
        }

        @Override
        public void after(double seconds, Runnable work) {
            clock.after(seconds, work);
        }

        @Override
        public boolean isStopped() {
            return node.paused;
        }

        @Override
        public ControlState state() {
            return node.view;
        }

        /** The same command once more is answered as it was. */
        @Override
        public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
            CompletableFuture<Reply> answer = new CompletableFuture<>();
            OnReply onReply = reply -> {
                if (!node.deaf && !node.paused) {
                    var unused = answer.complete(reply);
                }
            };
            Simulation.this.propose(node, onReply, () -> answered.computeIfAbsent(commandId, id -> apply(event)));
            return answer;
        }

        @Override
        public StepOutcome work(String step, StepContext context) throws InterruptedException {
            context.pause(Duration.ofMillis((long) (1000 * delay())));
            invariants.works(step, state.operation(context.operation().id()));
            if (random.nextInt(40) == 0) {
                return new StepOutcome.Failed("it does not work today");
            }
            return step.equals("record-segments") ? SegmentStory.record(context) : StepOutcome.done();
        }

        @Override
        public Optional<AclCluster> aclCluster(String region, SimulatedRuns.Pause pause) {
            return acls.broker(region).map(broker -> broker.cluster(pause));
        }
    }

    // Consensus

    private interface OnReply {
        void take(Reply reply);
    }

    private double delay() {
        int kind = random.nextInt(100);
        return kind == 0 ? random.nextDouble() * 30 : random.nextDouble() * (kind < 4 ? 4 : 0.2);
    }

    private void send(ControlEvent event) {
        send(any(nodes), event);
    }

    private void send(SimNode node, ControlEvent event) {
        if (node.paused) {
            // What it was about to send is sent when it goes on.
            clock.after(0.5, () -> send(node, event));
            return;
        }
        propose(node, event, reply -> {});
        if (random.nextInt(20) == 0) {
            propose(node, event, reply -> {});
        }
        if (random.nextInt(50) == 0) {
            sent.add(event);
        }
    }

    private void propose(SimNode node, ControlEvent event, OnReply onReply) {
        propose(node, onReply, () -> apply(event));
    }

    private void propose(SimNode node, OnReply onReply, Supplier<Reply> applied) {
        if (random.nextInt(20) > 0 && !node.mute && !node.paused) {
            clock.after(delay(), () -> {
                if (!leader.isCutOff()) {
                    onReply.take(applied.get());
                }
            });
        }
    }

    private Reply apply(ControlEvent event) {
        ControlState before = state;
        Transition transition = mutation.step(before, event, leader.wallClock(BEGIN, clock.time()));
        state = transition.state();
        invariants.applied(before, event, state, transition.reply());
        if (!transition.reply().isRefused()) {
            acls.accepted(before, event);
        }
        boolean renewed = renewals(before) != renewals(state);
        // A deposed leader hears of nothing more; the others follow.
        nodes.stream()
                .filter(node -> node == leader || !(node.leads() || node.deaf || node.paused))
                .forEach(node -> node.hears(state, renewed, clock.time()));
        state.group(GROUP).ifPresent(group -> before.group(GROUP).ifPresent(last -> tally.changed(state, last, group)));
        return transition.reply();
    }

    private static long renewals(ControlState state) {
        return state.group(GROUP).map(group -> group.lease().renewalIndex()).orElse(0L);
    }
}
