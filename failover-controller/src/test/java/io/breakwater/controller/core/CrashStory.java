package io.breakwater.controller.core;

import io.breakwater.controller.runbook.SimulatedRuns;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.Epoch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One operation of two nodes with the real core, the real engine and the project's runbooks on simulated time. The
 * first node leads until it ends at the chosen moment; then the second one does. Nothing is left to chance.
 */
final class CrashStory {

    /** How the leader ends. */
    sealed interface Fate permits Killed, Stopped {}

    /** As {@code kill -9}. */
    record Killed() implements Fate {}

    /** As {@code SIGSTOP}, and {@code SIGCONT} after some seconds: it does not know then how late it is. */
    record Stopped(double seconds) implements Fate {}

    private static final double MESSAGE = 0.05;
    private static final double LATE = 6;
    private static final double ELECTION = 3;
    /** For so long a leader that goes on does not hear that it is deposed. */
    private static final double IGNORANCE = 5;

    private static final double LOOK = 0.25;
    private static final double END = 4_000;
    private static final Duration HALF_A_WORK = Duration.ofSeconds(1);

    private final SimTime clock = new SimTime(new Random(0));
    private final Instant begin;
    private final String operation;
    private final Optional<CrashPoint> point;
    private final Fate fate;
    private final Invariants invariants;
    private final SimNode first = node("first");
    private final SimNode second = node("second");
    private final Map<SimNode, SimulatedRuns> runs = new HashMap<>();
    private final List<SimLeaseBroker> brokers = List.of(new SimLeaseBroker("east", 1), new SimLeaseBroker("west", 1));
    private final Map<String, Reply> answered = new HashMap<>();
    private final SortedSet<String> works = new TreeSet<>();
    private final Map<String, Integer> changes = new TreeMap<>();
    private final List<String> evidence = new ArrayList<>();
    private SimNode leader = first;
    private ControlState state;
    private boolean struck;
    private double settledAt;

    /** @param scenario in which the operation has just begun */
    CrashStory(Scenario scenario, String operation, Optional<CrashPoint> point, Fate fate) {
        this.state = scenario.state();
        this.begin = scenario.now();
        this.operation = operation;
        this.point = point;
        this.fate = fate;
        this.invariants = new Invariants(point + " " + fate, Scenario.GROUP);
        for (SimNode node : List.of(first, second)) {
            runs.put(node, new SimulatedRuns(Scenario.GROUP, Scenario.POLICY, new WorldOf(node)));
            clock.every(LOOK, () -> lead(node));
        }
        lead(first, 0);
        brokers.forEach(broker -> clock.every(1, () -> pull(broker)));
    }

    private static SimNode node(String id) {
        return new SimNode(id, new Random(0), 0);
    }

    /** To the end of the operation, and until nothing of the first leader can come any more. */
    CrashStory run() {
        try {
            while (operation().isRunning() || clock.time() < settledAt) {
                if (operation().isRunning()) {
                    settledAt = Math.max(settledAt, clock.time() + 1);
                }
                invariants.check("it does not come to an end", clock.time() < END);
                clock.goOn();
                invariants.atMostOneAcceptsWrites(brokers.stream()
                        .filter(broker -> broker.acceptsWrites(clock.time()))
                        .map(broker -> broker.region)
                        .toList());
            }
            return this;
        } finally {
            runs.values().forEach(SimulatedRuns::crash);
        }
    }

    Operation operation() {
        return state.operation(operation).orElseThrow();
    }

    GroupState group() {
        return state.group(Scenario.GROUP).orElseThrow();
    }

    /** Whether the chosen moment came. */
    boolean hasStruck() {
        return struck;
    }

    /** What was done in the world, each piece with the epoch it was done under; a piece twice is there once. */
    SortedSet<String> works() {
        return works;
    }

    /** How often the log changed what may change only once. */
    Map<String, Integer> changes() {
        return changes;
    }

    List<String> evidence() {
        return evidence;
    }

    // How the leader ends

    private void strike() {
        struck = true;
        double from = clock.time();
        settledAt = from + ELECTION + LATE + IGNORANCE;
        if (fate instanceof Stopped stopped) {
            first.paused = true;
            settledAt += stopped.seconds();
            clock.after(stopped.seconds(), () -> first.paused = false);
            clock.after(stopped.seconds() + IGNORANCE, () -> {
                first.knowsThatItIsDeposed();
                runsOn(first).stop();
                first.hears(state, false, clock.time());
            });
        } else {
            first.paused = true;
            first.knowsThatItIsDeposed();
            clock.after(0, () -> runsOn(first).crash());
        }
        clock.after(ELECTION, () -> lead(second, clock.time()));
    }

    private void lead(SimNode node, double time) {
        leader = node;
        node.hears(state, false, time);
        node.leadsFrom(time);
    }

    private boolean isTheMoment(SimNode node, CrashPoint.Moment moment, String step) {
        return !struck && node == first && point.equals(Optional.of(new CrashPoint(step, moment)));
    }

    private SimulatedRuns runsOn(SimNode node) {
        return Objects.requireNonNull(runs.get(node));
    }

    private void lead(SimNode node) {
        if (!node.leads() || node.paused) {
            return;
        }
        LeaderFacts facts = new LeaderFacts(state.settings(), Map.of(Scenario.GROUP, node.quiet(clock.time())));
        Proposals.due(node.view, now(), facts).stream()
                .filter(ControlEvent.LeaseLapsed.class::isInstance)
                .forEach(event -> send(node, "" + clock.mark(), event, new CompletableFuture<>(), MESSAGE));
        ControlMachine.outstanding(node.view).forEach(effect -> {
            if (effect instanceof Effect.RunOperation run) {
                runsOn(node).run(run.operation());
            }
        });
    }

    private void pull(SimLeaseBroker broker) {
        if (!leader.paused && operation().isRunning()) {
            double sentAt = clock.time();
            Reply reply = apply(new ControlEvent.LeaseRenewal(broker.region, broker.region + "-1", "" + clock.mark()));
            ((Reply.LeaseAnswer) reply).groups().forEach(lease -> broker.take(lease, sentAt));
        }
    }

    private Instant now() {
        return begin.plusMillis((long) (clock.time() * 1000));
    }

    // Consensus

    private void send(
            SimNode node, String commandId, ControlEvent event, CompletableFuture<Reply> answer, double delay) {
        clock.after(delay, () -> {
            Reply reply = answered.computeIfAbsent(commandId, id -> apply(event));
            clock.after(MESSAGE, () -> {
                if (!node.paused) {
                    var unused = answer.complete(reply);
                }
            });
        });
    }

    private Reply apply(ControlEvent event) {
        ControlState before = state;
        Transition transition = ControlMachine.step(before, event, now());
        state = transition.state();
        evidence.addAll(transition.evidence());
        invariants.applied(before, event, state, transition.reply());
        GroupState was = before.group(Scenario.GROUP).orElseThrow();
        count("promotions", !was.active().equals(group().active()));
        count("gates", !was.gates().equals(group().gates()));
        count("segments", !was.segments().equals(group().segments()));
        count("epochs", !was.epoch().equals(group().epoch()));
        before.operation(operation).orElseThrow().steps().stream()
                .filter(step -> step.state() == StepRun.State.done)
                .forEach(step -> invariants.check(
                        "a step was done and is no longer",
                        operation().step(step.step()).orElseThrow().equals(step)));
        // A deposed leader hears of nothing more.
        List.of(first, second).stream()
                .filter(node -> node == leader || !(node.leads() || node.paused))
                .forEach(node -> node.hears(state, false, clock.time()));
        return transition.reply();
    }

    private void count(String what, boolean changed) {
        changes.merge(what, changed ? 1 : 0, Integer::sum);
    }

    /** What a run sees and does on one node. */
    private final class WorldOf implements SimulatedRuns.World {
        private final SimNode node;
        /** What a step has proposed itself belongs to it. */
        private String step = CrashPoint.THE_END;

        WorldOf(SimNode node) {
            this.node = node;
        }

        @Override
        public Instant now() {
            return CrashStory.this.now();
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

        @Override
        public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
            CompletableFuture<Reply> answer = new CompletableFuture<>();
            if (event instanceof ControlEvent.StepBegan began) {
                step = began.step();
                propose(commandId, event, answer, CrashPoint.Moment.BEFORE_BEGIN, CrashPoint.Moment.BEGIN_COMES_LATE);
                strikeOnceApplied(CrashPoint.Moment.AFTER_BEGIN);
                strikeWhileItWaits();
            } else if (event instanceof ControlEvent.StepEnded) {
                propose(commandId, event, answer, CrashPoint.Moment.BEFORE_END, CrashPoint.Moment.END_COMES_LATE);
                strikeOnceApplied(CrashPoint.Moment.AFTER_END);
            } else if (event instanceof ControlEvent.OperationFinished) {
                step = CrashPoint.THE_END;
                propose(commandId, event, answer, CrashPoint.Moment.BEFORE_END, CrashPoint.Moment.END_COMES_LATE);
                strikeOnceApplied(CrashPoint.Moment.AFTER_END);
            } else {
                propose(commandId, event, answer, CrashPoint.Moment.IN_THE_WORK, CrashPoint.Moment.IN_THE_WORK);
            }
            return answer;
        }

        private void propose(
                String commandId,
                ControlEvent event,
                CompletableFuture<Reply> answer,
                CrashPoint.Moment lost,
                CrashPoint.Moment late) {
            boolean isLost = isTheMoment(node, lost, step);
            boolean isLate = isTheMoment(node, late, step);
            if (isLost || isLate) {
                strike();
            }
            if (!isLost) {
                send(node, commandId, event, answer, isLate ? LATE : MESSAGE);
            }
        }

        /** Just then, so that the answer does not reach it. */
        private void strikeOnceApplied(CrashPoint.Moment moment) {
            if (isTheMoment(node, moment, step)) {
                clock.after(MESSAGE, CrashStory.this::strike);
            }
        }

        /** The step that does nothing but wait. */
        private void strikeWhileItWaits() {
            if (step.equals("await-lease-lapsed") && isTheMoment(node, CrashPoint.Moment.IN_THE_WORK, step)) {
                clock.after(HALF_A_WORK.toMillis() / 1000.0, CrashStory.this::strike);
            }
        }

        @Override
        public StepOutcome work(String name, StepContext context) throws InterruptedException {
            work(name, "half", context.epoch());
            if (isTheMoment(node, CrashPoint.Moment.IN_THE_WORK, name) && !name.equals("record-segments")) {
                strike();
            }
            context.pause(HALF_A_WORK);
            work(name, "whole", context.epoch());
            return name.equals("record-segments") ? SegmentStory.record(context) : StepOutcome.done();
        }

        private void work(String name, String piece, Epoch epoch) {
            invariants.works(name, state.operation(operation));
            if (!(node == first && struck)) {
                invariants.check(
                        "step " + name + " is done and works again",
                        operation()
                                .step(name)
                                .filter(run -> run.state() == StepRun.State.done)
                                .isEmpty());
            }
            works.add(name + " " + piece + " in epoch " + epoch);
        }
    }
}
