package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.breakwater.platform.Policy;
import io.breakwater.platform.Segment;
import io.breakwater.platform.SegmentHistory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;

/**
 * The real core on simulated time: nodes with wrong, drifting and jumping clocks that lead and are deposed, are stopped
 * and cut off in one direction or both, proposals that are lost, late and doubled, brokers that pull, die and come
 * back, observers that lie, persons that freeze, repeat themselves and say no name, members that change. Times are
 * seconds. The same seed is the same run.
 */
final class Simulation {

    private static final String GROUP = Scenario.GROUP;
    private static final double HORIZON = 60;
    private static final double MAX_DRIFT = 0.03;
    private static final Instant BEGIN = Instant.parse("2026-11-22T09:00:00Z");
    private static final List<String> NODES = List.of("east", "west", "witness", "witness-2");
    private static final List<List<String>> MEMBERSHIPS = List.of(
            List.of("east", "west", "witness"),
            List.of("east", "west", "witness-2"),
            List.of("east", "west"),
            List.of("east", "west", "witness"));

    private record Due(double at, long order, Runnable work) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Double.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Random random;
    private final Mutation mutation;
    private final Invariants invariants;
    private final Policy policy;
    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private final List<SimNode> nodes = new ArrayList<>();
    private final List<SimBroker> brokers = new ArrayList<>();
    private final List<ControlEvent> sent = new ArrayList<>();
    private final Map<String, Integer> seen = new HashMap<>();
    /** The platform file, the same on all nodes. */
    private Settings settings;

    private ControlState state = ControlState.EMPTY;
    private SimNode leader;
    private Optional<Readiness> odd = Optional.empty();
    private double time;
    private long order;

    Simulation(long seed, Mutation mutation) {
        this.random = new Random(seed);
        this.mutation = mutation;
        this.invariants = new Invariants("seed " + seed, GROUP);
        int mode = random.nextInt(10);
        this.policy = new Policy(
                mode < 8 ? Policy.Mode.automatic : mode == 8 ? Policy.Mode.advisory : Policy.Mode.paused,
                Duration.ofSeconds(3),
                Scenario.POLICY.lease(),
                Scenario.POLICY.leaseMargin(),
                Duration.ofSeconds(15),
                Duration.ofSeconds(20));
        this.settings = Scenario.settings(policy, MEMBERSHIPS.get(0));
        NODES.forEach(id -> nodes.add(new SimNode(id, random, MAX_DRIFT)));
        for (String region : List.of("east", "west")) {
            brokers.add(new SimBroker(region, 1 + (random.nextDouble() * 2 - 1) * MAX_DRIFT));
        }
        leader = nodes.get(1);
        elect(leader);
        nodes.forEach(node -> {
            every(0.25, () -> lead(node));
            every(1.0, () -> vote(node));
        });
        brokers.forEach(broker -> every(1.0, () -> pull(broker)));
        every(2.0, this::report);
        every(6.0, this::trouble);
        every(6.0, this::somebodyActs);
    }

    /** Runs to the end; how often each thing happened. */
    Map<String, Integer> run() {
        while (true) {
            Due next = queue.poll();
            if (next == null || next.at() > HORIZON) {
                return seen;
            }
            time = next.at();
            next.work().run();
            List<String> open = brokers.stream()
                    .filter(broker -> broker.acceptsWrites(time))
                    .map(broker -> broker.region)
                    .toList();
            invariants.atMostOneAcceptsWrites(open);
            open.forEach(region -> count(region + " open"));
        }
    }

    private void after(double delay, Runnable work) {
        queue.add(new Due(time + delay, order++, work));
    }

    private void every(double period, Runnable work) {
        every(random.nextDouble() * period, work, period);
    }

    private void every(double delay, Runnable work, double period) {
        after(delay, () -> {
            work.run();
            every(period * (0.5 + random.nextDouble()), work, period);
        });
    }

    private void count(String what) {
        seen.merge(what, 1, Integer::sum);
    }

    private <T> T any(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    // What goes wrong

    private void trouble() {
        switch (random.nextInt(9)) {
            case 0 -> {
                SimBroker broker = any(brokers);
                broker.kill();
                after(random.nextDouble() * 20, broker::restart);
                count("broker killed");
            }
            case 1 -> elect(any(nodes));
            case 2 -> lie(List.of(any(nodes)), any(brokers).region, Scenario.down(), random.nextDouble() * 15);
            case 3 -> lie(nodes, any(brokers).region, Scenario.down(), 5 + random.nextDouble() * 10);
            case 4 -> {
                // One class of signals is down everywhere: one probe repeated is one observation.
                lie(nodes, any(brokers).region, Scenario.down("kafka"), 5 + random.nextDouble() * 10);
                count("one class down");
            }
            case 5 -> cutOff(any(nodes), random.nextBoolean(), random.nextBoolean());
            case 6 -> stop(any(nodes));
            case 7 -> {
                any(nodes).jumpWallClock(random.nextGaussian() * 30);
                count("clock jumped");
            }
            default -> oddReports();
        }
    }

    private void lie(List<SimNode> liars, String region, RegionVerdict verdict, double during) {
        liars.forEach(node -> node.lie = Optional.of(new SimNode.Lie(region, verdict)));
        after(during, () -> liars.forEach(node -> node.lie = Optional.empty()));
        count("lie");
    }

    private void cutOff(SimNode node, boolean mute, boolean deaf) {
        node.mute = mute;
        node.deaf = deaf;
        after(random.nextDouble() * 20, () -> {
            node.mute = false;
            node.deaf = false;
            if (!node.paused && (node == leader || !node.leads())) {
                node.hears(state, false, time);
            }
        });
        count(mute && deaf ? "cut off" : mute || deaf ? "cut off one way" : "not cut off");
        depose(node);
    }

    private void stop(SimNode node) {
        node.paused = true;
        after(1 + random.nextDouble() * 20, () -> node.paused = false);
        count("node stopped");
        depose(node);
    }

    /** If it leads and stays cut off, the others elect somebody else. */
    private void depose(SimNode node) {
        after(1.5 + random.nextDouble() * 2, () -> {
            if (leader == node && node.isCutOff()) {
                nodes.stream().filter(other -> !other.isCutOff()).findAny().ifPresent(this::elect);
            }
        });
    }

    private void elect(SimNode next) {
        SimNode deposed = leader;
        if (deposed != next) {
            hearsThatItIsDeposed(deposed);
        }
        leader = next;
        next.hears(state, false, time);
        next.leadsFrom(time);
        count("elected");
    }

    /** It thinks for a while that it still leads, and for as long as it is cut off. */
    private void hearsThatItIsDeposed(SimNode deposed) {
        after(random.nextDouble() * 3, () -> {
            if (leader != deposed && deposed.isCutOff()) {
                hearsThatItIsDeposed(deposed);
            } else if (leader != deposed) {
                deposed.knowsThatItIsDeposed();
                deposed.hears(state, false, time);
            }
        });
    }

    /** The standby's reports say something else for a while. */
    private void oddReports() {
        Instant now = leader.wallClock(BEGIN, time);
        Instant old = now.minusSeconds(100);
        Optional<Duration> lag = Optional.of(Duration.ofSeconds(5));
        odd = Optional.of(any(List.of(
                new Readiness(now, Optional.of(Scenario.point(now)), Optional.empty(), Optional.empty(), List.of()),
                new Readiness(old, Optional.of(Scenario.point(now)), lag, Optional.empty(), List.of()),
                new Readiness(now, Optional.of(Scenario.point(old)), lag, Optional.empty(), List.of()),
                new Readiness(now, Optional.of(Scenario.point(now)), lag, Optional.of(now.plusSeconds(60)), List.of()),
                new Readiness(
                        now,
                        Optional.of(Scenario.point(now)),
                        lag,
                        Optional.empty(),
                        List.of("a topic has no receipts")))));
        after(10 + random.nextDouble() * 10, () -> odd = Optional.empty());
        count("odd reports");
    }

    // What persons do

    private void somebodyActs() {
        boolean on = random.nextBoolean();
        switch (random.nextInt(7)) {
            case 0 -> send(new ControlEvent.FreezeChanged(GROUP, on, "ada", "because", List.of()));
            case 1 ->
                send(new ControlEvent.FreezeChanged(
                        ControlEvent.ALL_GROUPS, on && random.nextBoolean(), "ada", "because", List.of()));
            case 2 -> send(new ControlEvent.CoolDownAcknowledged(GROUP, "ada", "because", List.of()));
            case 3 -> {
                settings = new Settings(any(MEMBERSHIPS), settings.groups());
                count("members changed");
            }
            case 4 -> repeatSomethingOld();
            default -> ask();
        }
    }

    /** A message that comes very late, or a client that tries again. */
    private void repeatSomethingOld() {
        if (!sent.isEmpty()) {
            send(any(sent));
            count("repeated");
        }
    }

    private void ask() {
        boolean home = state.group(GROUP).filter(g -> g.active().equals("east")).isPresent();
        String kind = !home && random.nextInt(4) > 0 ? Operation.FAILBACK : Operation.FAILOVER;
        String who = random.nextInt(4) == 0 ? "" : "ada";
        boolean acceptLoss = kind.equals(Operation.FAILOVER) && random.nextBoolean();
        send(new ControlEvent.OperationRequested(
                "manual-" + order, kind, GROUP, who, "because", acceptLoss, List.of()));
    }

    // What each part does

    private void vote(SimNode node) {
        Map<String, RegionVerdict> verdicts = new TreeMap<>();
        for (SimBroker broker : brokers) {
            RegionVerdict honest = broker.isAlive() ? Scenario.up() : Scenario.down();
            verdicts.put(
                    broker.region,
                    node.lie
                            .filter(lie -> lie.region().equals(broker.region))
                            .map(SimNode.Lie::verdict)
                            .orElse(honest));
        }
        send(node, ControlEvent.VerdictVoted.of(node.id, verdicts));
    }

    private void pull(SimBroker broker) {
        if (!broker.isAlive()) {
            return;
        }
        double sentAt = broker.clock(time);
        SimNode asked = any(nodes);
        propose(asked, new ControlEvent.LeaseRenewal(broker.region, broker.region + "-1", "" + order), reply -> {
            if (reply instanceof Reply.LeaseAnswer answer && random.nextInt(20) > 0 && !asked.isCutOff()) {
                after(delay(), () -> answer.groups().forEach(lease -> broker.take(lease, sentAt)));
            }
        });
    }

    private void report() {
        state.group(GROUP).ifPresent(group -> {
            Instant now = leader.wallClock(BEGIN, time);
            Instant through = state.firstDownVote(group.active(), state.now())
                    .orElse(state.now())
                    .minusSeconds(5);
            Readiness usual = new Readiness(
                    now,
                    Optional.of(Scenario.point(through)),
                    Optional.of(Duration.ofSeconds(5)),
                    Optional.of(through),
                    List.of());
            send(leader, new ControlEvent.ReadinessReported(GROUP, group.epoch(), odd.orElse(usual)));
        });
    }

    private void lead(SimNode node) {
        if (!node.leads() || node.paused) {
            return;
        }
        Duration quiet = node.quiet(time).multipliedBy((long) mutation.haste());
        LeaderFacts facts = new LeaderFacts(settings, Map.of(GROUP, quiet));
        ControlState view = node.view;
        ControlState shown = view.groups().isEmpty() ? view : mutation.seen(view, Optional.empty());
        Proposals.due(shown, node.wallClock(BEGIN, time), facts).stream()
                .map(event -> event instanceof ControlEvent.PlatformAdopted
                        ? new ControlEvent.PlatformAdopted(settings)
                        : event)
                .forEach(event -> send(node, event));
        view.group(GROUP).filter(GroupState::flowPending).ifPresent(group -> beginFlow(node, group));
        for (Operation operation : view.operations()) {
            if (operation.isRunning() && random.nextInt(3) > 0) {
                send(node, next(view, operation));
            }
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

    private ControlEvent next(ControlState view, Operation operation) {
        GroupState group = view.group(GROUP).orElseThrow();
        boolean fails = random.nextInt(40) == 0;
        if (fails || !operation.moves()) {
            StepResult result = fails ? new StepResult.Failed("out of time") : new StepResult.Succeeded();
            return new ControlEvent.OperationFinished(operation.id(), operation.epoch(), result, List.of());
        }
        if (operation.pointOfNoReturnAt().isEmpty()) {
            return beforeTheReturn(group, operation);
        }
        if (!group.gates().pipeline()) {
            return new ControlEvent.GateOpened(GROUP, operation.epoch(), Gate.pipeline);
        }
        if (!group.gates().ingress()) {
            return new ControlEvent.GateOpened(GROUP, operation.epoch(), Gate.ingress);
        }
        return new ControlEvent.OperationFinished(
                operation.id(), operation.epoch(), new StepResult.Succeeded(), List.of());
    }

    private ControlEvent beforeTheReturn(GroupState group, Operation operation) {
        boolean flowRuns = group.segments().last().filter(Segment::open).isPresent()
                || group.segments().segments().isEmpty();
        if (flowRuns) {
            return new ControlEvent.SegmentEnded(
                    operation.id(), operation.epoch(), SegmentStory.ended(group, operation.flow()));
        }
        return switch (random.nextInt(5)) {
            case 0 -> new ControlEvent.GateOpened(GROUP, operation.epoch(), Gate.pipeline);
            case 1, 2 -> new ControlEvent.PointOfNoReturnPassed(operation.id(), operation.epoch());
            default ->
                new ControlEvent.StepEnded(
                        operation.id(),
                        operation.epoch(),
                        "await-lease-lapsed",
                        new StepResult.Succeeded(),
                        JsonNodeFactory.instance.objectNode(),
                        List.of());
        };
    }

    // Consensus

    private interface OnReply {
        void take(Reply reply);
    }

    private double delay() {
        int kind = random.nextInt(100);
        return kind == 0 ? random.nextDouble() * 30 : random.nextDouble() * (kind < 10 ? 4 : 0.2);
    }

    private void send(ControlEvent event) {
        send(any(nodes), event);
    }

    private void send(SimNode node, ControlEvent event) {
        if (node.paused) {
            // What it was about to send is sent when it goes on.
            after(0.5, () -> send(node, event));
            return;
        }
        propose(node, event, reply -> {});
        if (random.nextInt(20) == 0) {
            propose(node, event, reply -> {});
        }
        if (random.nextInt(20) == 0) {
            sent.add(event);
        }
    }

    private void propose(SimNode node, ControlEvent event, OnReply onReply) {
        if (random.nextInt(20) > 0 && !node.mute && !node.paused) {
            after(delay(), () -> {
                if (!leader.isCutOff()) {
                    onReply.take(apply(event));
                }
            });
        }
    }

    private Reply apply(ControlEvent event) {
        ControlState before = state;
        Transition transition = mutation.step(before, event, leader.wallClock(BEGIN, time));
        state = transition.state();
        invariants.applied(before, event, state, transition.reply());
        boolean renewed = renewals(before) != renewals(state);
        // A deposed leader hears of nothing more; the others follow.
        nodes.stream()
                .filter(node -> node == leader || !(node.leads() || node.deaf || node.paused))
                .forEach(node -> node.hears(state, renewed, time));
        state.group(GROUP).ifPresent(group -> before.group(GROUP).ifPresent(last -> counted(last, group)));
        return transition.reply();
    }

    private static long renewals(ControlState state) {
        return state.group(GROUP).map(group -> group.lease().renewalIndex()).orElse(0L);
    }

    private void counted(GroupState last, GroupState group) {
        if (group.segments().open(group.flow()).isPresent()
                && last.segments().open(group.flow()).isEmpty()
                && !last.segments().equals(SegmentHistory.NONE)) {
            count("flow begun");
        }
        if (!group.active().equals(last.active())) {
            count("promoted");
            if (state.operation(last.operation().orElse(""))
                    .filter(Operation::isPlanned)
                    .isPresent()) {
                count("failed back");
            }
        }
    }
}
