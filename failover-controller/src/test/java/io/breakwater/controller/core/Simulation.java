package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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
 * The real core on simulated time: nodes with wrong and drifting clocks that lead and are deposed, proposals that are
 * lost, late and doubled, brokers that pull, die and come back, observers that lie. Times are seconds.
 */
final class Simulation {

    private static final String GROUP = Scenario.GROUP;
    private static final double HORIZON = 60;
    private static final double MAX_DRIFT = 0.03;
    private static final Instant BEGIN = Instant.parse("2026-11-22T09:00:00Z");

    private record Due(double at, long order, Runnable work) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Double.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final class SimNode {
        private final String id;
        private final double clockRate = 1 + (random.nextDouble() * 2 - 1) * MAX_DRIFT;
        private final double wallOffset = random.nextGaussian() * 5;
        private ControlState view = ControlState.EMPTY;
        private double leadsSince = Double.NaN;
        private double renewedAt;
        private String lie = "";

        SimNode(String id) {
            this.id = id;
        }

        Instant wallClock() {
            return BEGIN.plusMillis((long) ((time + wallOffset) * 1000));
        }

        boolean leads() {
            return !Double.isNaN(leadsSince);
        }

        LeaderFacts facts() {
            double quiet = (time - Math.max(renewedAt, leadsSince)) * clockRate * haste;
            return new LeaderFacts(settings, Map.of(GROUP, Duration.ofMillis((long) (quiet * 1000))));
        }
    }

    private final long seed;
    private final Random random;
    private final double haste;
    private final Settings settings = Scenario.settings(Scenario.POLICY, Scenario.NODES);
    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private final List<SimNode> nodes = new ArrayList<>();
    private final List<SimBroker> brokers = new ArrayList<>();
    private final Map<String, Integer> seen = new HashMap<>();
    private ControlState state = ControlState.EMPTY;
    private SimNode leader;
    private double time;
    private long order;

    /** @param haste how fast the leader thinks that time passes when it waits for a lease; 1 is right */
    Simulation(long seed, double haste) {
        this.seed = seed;
        this.random = new Random(seed);
        this.haste = haste;
        Scenario.NODES.forEach(id -> nodes.add(new SimNode(id)));
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
        every(9.0, this::trouble);
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
            atMostOneRegionAcceptsWrites();
        }
    }

    private void after(double delay, Runnable work) {
        queue.add(new Due(time + delay, order++, work));
    }

    private void every(double period, Runnable work) {
        after(random.nextDouble() * period, () -> {
            work.run();
            every(period * (0.5 + random.nextDouble()), work, period);
        });
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

    // What goes wrong

    private void trouble() {
        int kind = random.nextInt(6);
        if (kind == 0) {
            SimBroker broker = brokers.get(random.nextInt(brokers.size()));
            broker.kill();
            after(random.nextDouble() * 20, broker::restart);
            count("broker killed");
        } else if (kind == 1) {
            elect(nodes.get(random.nextInt(nodes.size())));
        } else if (kind == 2) {
            SimNode node = nodes.get(random.nextInt(nodes.size()));
            node.lie = random.nextBoolean() ? "east" : "west";
            after(random.nextDouble() * 15, () -> node.lie = "");
        } else if (kind == 3) {
            // All observers are wrong about one region that lives.
            String region = random.nextBoolean() ? "east" : "west";
            nodes.forEach(node -> node.lie = region);
            after(5 + random.nextDouble() * 10, () -> nodes.forEach(node -> node.lie = ""));
        } else {
            String id = "manual-" + order;
            boolean home =
                    state.group(GROUP).filter(g -> g.active().equals("east")).isPresent();
            if (!home && random.nextBoolean()) {
                send(new ControlEvent.OperationRequested(
                        id, Operation.FAILBACK, GROUP, "ada", "because", false, List.of()));
                return;
            }
            send(new ControlEvent.OperationRequested(id, Operation.FAILOVER, GROUP, "ada", "because", true, List.of()));
        }
    }

    private void elect(SimNode next) {
        SimNode deposed = leader;
        if (deposed != next) {
            // It thinks for a while that it still leads.
            after(random.nextDouble() * 3, () -> {
                if (leader != deposed) {
                    deposed.leadsSince = Double.NaN;
                }
            });
        }
        leader = next;
        next.view = state;
        next.leadsSince = time;
        count("elected");
    }

    // What each part does

    private void vote(SimNode node) {
        Map<String, RegionVerdict> verdicts = new TreeMap<>();
        for (SimBroker broker : brokers) {
            boolean down = !broker.isAlive() || node.lie.equals(broker.region);
            verdicts.put(broker.region, down ? Scenario.down() : Scenario.up());
        }
        send(ControlEvent.VerdictVoted.of(node.id, verdicts));
    }

    private void pull(SimBroker broker) {
        if (!broker.isAlive()) {
            return;
        }
        double sentAt = broker.clock(time);
        ControlEvent renewal = new ControlEvent.LeaseRenewal(broker.region, broker.region + "-1", "" + order);
        propose(renewal, reply -> {
            if (reply instanceof Reply.LeaseAnswer answer && random.nextInt(20) > 0) {
                after(delay(), () -> answer.groups().forEach(lease -> broker.take(lease, sentAt)));
            }
        });
    }

    private void report() {
        state.group(GROUP).ifPresent(group -> {
            Instant now = leader.wallClock();
            Instant through = state.firstDownVote(group.active(), state.now())
                    .orElse(state.now())
                    .minusSeconds(5);
            send(new ControlEvent.ReadinessReported(
                    GROUP,
                    group.epoch(),
                    new Readiness(
                            now,
                            Optional.of(Scenario.point(through)),
                            Optional.of(Duration.ofSeconds(5)),
                            Optional.of(through),
                            List.of())));
        });
    }

    private void lead(SimNode node) {
        if (!node.leads()) {
            return;
        }
        Proposals.due(node.view, node.wallClock(), node.facts()).forEach(this::send);
        node.view.group(GROUP).filter(GroupState::flowPending).ifPresent(group -> beginFlow(group));
        for (Operation operation : node.view.operations()) {
            if (operation.isRunning() && random.nextInt(3) > 0) {
                send(next(node.view, operation));
            }
        }
    }

    private void beginFlow(GroupState group) {
        boolean begun = group.segments().segments().isEmpty()
                || group.segments().open(group.flow()).isPresent();
        send(
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
            if (group.segments().last().filter(Segment::open).isPresent()
                    || group.segments().segments().isEmpty()) {
                return new ControlEvent.SegmentEnded(
                        operation.id(), operation.epoch(), SegmentStory.ended(group, operation.flow()));
            }
            return random.nextBoolean()
                    ? new ControlEvent.PointOfNoReturnPassed(operation.id(), operation.epoch())
                    : new ControlEvent.StepEnded(
                            operation.id(),
                            operation.epoch(),
                            "await-lease-lapsed",
                            new StepResult.Succeeded(),
                            JsonNodeFactory.instance.objectNode(),
                            List.of());
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

    // Consensus

    private interface OnReply {
        void take(Reply reply);
    }

    private double delay() {
        return random.nextInt(10) == 0 ? random.nextDouble() * 4 : random.nextDouble() * 0.2;
    }

    private void send(ControlEvent event) {
        propose(event, reply -> {});
        if (random.nextInt(20) == 0) {
            propose(event, reply -> {});
        }
    }

    private void propose(ControlEvent event, OnReply onReply) {
        if (random.nextInt(20) > 0) {
            after(delay(), () -> onReply.take(apply(event)));
        }
    }

    private Reply apply(ControlEvent event) {
        ControlState before = state;
        Transition transition = ControlMachine.step(before, event, leader.wallClock());
        state = transition.state();
        // A deposed leader hears of nothing more; the others follow.
        nodes.stream().filter(node -> node == leader || !node.leads()).forEach(node -> node.view = state);
        state.group(GROUP).ifPresent(group -> before.group(GROUP).ifPresent(last -> changed(event, last, group)));
        check("time goes back", !state.now().isBefore(before.now()));
        return transition.reply();
    }

    private void changed(ControlEvent event, GroupState last, GroupState group) {
        check("the epoch goes back", group.epoch().compareTo(last.epoch()) >= 0);
        check(
                "the renewal index goes back",
                group.lease().renewalIndex() >= last.lease().renewalIndex());
        check("active and standby are one", !group.active().equals(group.standby()));
        if (group.lease().renewalIndex() != last.lease().renewalIndex()) {
            leader.renewedAt = time;
            check("a renewal after the lapse", !last.lease().lapsed());
        }
        group.segments().open(group.flow()).ifPresent(running -> {
            if (last.segments().open(group.flow()).isEmpty() && !last.segments().equals(SegmentHistory.NONE)) {
                count("flow begun");
            }
        });
        group.segments()
                .last()
                .filter(Segment::open)
                .ifPresent(running -> check(
                        "a flow into the active region is open",
                        running.flow().to().equals(group.standby())));
        if (!group.active().equals(last.active())) {
            count("promoted");
            if (state.operation(last.operation().orElse(""))
                    .filter(Operation::isPlanned)
                    .isPresent()) {
                count("failed back");
            }
            check(
                    "promoted although where the flow ended is not recorded",
                    group.segments().last().filter(ended -> !ended.open()).isPresent());
            check("promoted before the lease lapsed", last.lease().lapsed());
            check("promoted open", group.gates().equals(Gates.CLOSED));
            check("promoted without a point of no return", event instanceof ControlEvent.PointOfNoReturnPassed);
        }
    }

    private void atMostOneRegionAcceptsWrites() {
        List<String> open = brokers.stream()
                .filter(broker -> broker.acceptsWrites(time))
                .map(broker -> broker.region)
                .toList();
        check("two regions accept writes", open.size() <= 1);
        open.forEach(region -> count(region + " open"));
    }

    private void check(String violation, boolean holds) {
        if (!holds) {
            throw new AssertionError("seed " + seed + " at " + time + " s: " + violation);
        }
    }
}
