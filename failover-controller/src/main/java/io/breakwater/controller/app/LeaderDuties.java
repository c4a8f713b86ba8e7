package io.breakwater.controller.app;

import io.breakwater.controller.consensus.AppliedListener;
import io.breakwater.controller.consensus.LeadershipListener;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlMachine;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Effect;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.LeaderFacts;
import io.breakwater.controller.core.Proposals;
import io.breakwater.controller.core.Transition;
import io.breakwater.controller.runbook.RunbookRunner;
import io.breakwater.platform.Platform;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What only the leader does: propose what is due, run effects, report readiness. One thread of its own; it is told of
 * leadership and of applied events by Ratis' threads.
 */
final class LeaderDuties implements Runnable, LeadershipListener, AppliedListener {

    private static final Logger LOG = LoggerFactory.getLogger(LeaderDuties.class);
    private static final long LOOK_MILLIS = 100;
    private static final long ANSWER_MILLIS = 3000;
    private static final Duration REPORT_EVERY = Duration.ofSeconds(2);
    private static final Duration FLOW_AGAIN = Duration.ofSeconds(1);
    private static final Duration FENCE_EVERY = Duration.ofSeconds(1);

    /** The parts that do the work. */
    record Parts(
            Platform platform,
            ControlPlane plane,
            RunbookRunner runner,
            FlowStarter flows,
            JobFenceDuty fence,
            AclFenceDuty acls,
            LeaderPlace place,
            Members members) {}

    private final Parts parts;
    private final Clock clock;
    private final Runnable onEnd;
    private final Semaphore wake = new Semaphore(0);
    private final Map<String, Long> renewedAt = new ConcurrentHashMap<>();
    private volatile boolean leading;
    private volatile long leadsSince;
    private long reportedAt;
    private long flowTriedAt;
    private long fencedAt;
    private final Map<String, Thread> fenceThreads = new HashMap<>();
    private @Nullable Thread flowThread;

    /** @param onEnd called when the Raft server has ended by itself */
    LeaderDuties(Parts parts, Clock clock, Runnable onEnd) {
        this.parts = parts;
        this.clock = clock;
        this.onEnd = onEnd;
    }

    boolean isLeading() {
        return leading;
    }

    @Override
    public void leads() {
        if (!leading) {
            LOG.info("node={} leads", parts.plane().node());
            leadsSince = System.nanoTime();
            leading = true;
            wake.release();
        }
    }

    @Override
    public void follows() {
        if (leading) {
            LOG.info("node={} no longer leads", parts.plane().node());
            leading = false;
            parts.runner().stop();
        }
    }

    @Override
    public void ended() {
        follows();
        onEnd.run();
    }

    @Override
    public void applied(ControlState before, ControlEvent event, Transition transition) {
        transition.state().groups().forEach((name, group) -> {
            long last = before.group(name).map(g -> g.lease().renewalIndex()).orElse(0L);
            if (group.lease().renewalIndex() != last) {
                renewedAt.put(name, System.nanoTime());
            }
        });
        wake.release();
    }

    @Override
    public void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                parts.members().look();
                if (leading) {
                    work();
                }
                wake.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                wake.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void work() throws InterruptedException {
        ControlState state = parts.plane().state();
        LeaderFacts facts = new LeaderFacts(parts.members().settings(state), quiet(state));
        for (ControlEvent event : Proposals.due(state, clock.instant(), facts)) {
            LOG.info("proposes {}", event);
            propose(event);
        }
        for (Effect effect : ControlMachine.outstanding(parts.plane().state())) {
            if (effect instanceof Effect.RunOperation operation) {
                parts.runner().run(operation);
            } else if (effect instanceof Effect.StartFlow flow) {
                startFlow(flow);
            }
        }
        if (isOver(reportedAt, REPORT_EVERY)) {
            reportedAt = System.nanoTime();
            for (String group : parts.plane().state().groups().keySet()) {
                report(group);
            }
        }
        if (isOver(fencedAt, FENCE_EVERY)) {
            fencedAt = System.nanoTime();
            parts.plane().state().groups().forEach((name, group) -> {
                if (parts.fence().isOwed(name, group)) {
                    fence("jobs", name, () -> parts.fence().look(name));
                }
                if (parts.acls().isOwed(name, group)) {
                    fence("acls", name, () -> parts.acls().look(name));
                }
            });
        }
        parts.place().prefer(parts.plane().state());
    }

    private Map<String, Duration> quiet(ControlState state) {
        long now = System.nanoTime();
        long led = now - leadsSince;
        Map<String, Duration> quiet = new HashMap<>();
        state.groups().keySet().forEach(name -> {
            long renewed = now - renewedAt.getOrDefault(name, leadsSince);
            quiet.put(name, Duration.ofNanos(Math.min(renewed, led)));
        });
        return quiet;
    }

    /** On a thread of its own: a Connect worker that hangs must not hold up a decision. */
    private void startFlow(Effect.StartFlow flow) {
        Thread last = flowThread;
        if (isOver(flowTriedAt, FLOW_AGAIN) && (last == null || !last.isAlive())) {
            flowTriedAt = System.nanoTime();
            Thread next = new Thread(() -> tell(flow), "start-flow");
            next.setDaemon(true);
            next.start();
            flowThread = next;
        }
    }

    /** On a thread of its own for each group: a region that was left often does not answer. */
    private void fence(String what, String group, Look look) {
        String name = "fence-" + what + "-" + group;
        Thread last = fenceThreads.get(name);
        if (last == null || !last.isAlive()) {
            Thread next = new Thread(
                    () -> {
                        try {
                            look.look();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    name);
            next.setDaemon(true);
            next.start();
            fenceThreads.put(name, next);
        }
    }

    /** One look at a region that may not answer. */
    @FunctionalInterface
    private interface Look {
        void look() throws InterruptedException;
    }

    private void tell(Effect.StartFlow flow) {
        try {
            startNow(flow);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void startNow(Effect.StartFlow flow) throws InterruptedException {
        Optional<String> obstacle = parts.flows().start(flow);
        if (obstacle.isPresent()) {
            LOG.debug("group={} epoch={} flow {}: {}", flow.group(), flow.epoch(), flow.flow(), obstacle.get());
        } else {
            LOG.info("group={} epoch={} flow {} runs", flow.group(), flow.epoch(), flow.flow());
            propose(new ControlEvent.FlowStarted(flow.group(), flow.epoch()));
        }
    }

    private void report(String name) throws InterruptedException {
        ControlState state = parts.plane().state();
        Optional<GroupState> group = state.group(name);
        if (group.isEmpty() || !parts.platform().groups().containsKey(name)) {
            return;
        }
        ControlEvent report = new ControlEvent.ReadinessReported(
                name,
                group.get().epoch(),
                ReadinessReport.of(
                        name,
                        parts.platform().group(name),
                        group.get().flow(),
                        parts.plane().receipts(group.get().standby()),
                        clock.instant(),
                        state.firstDownVote(group.get().active(), state.now())));
        propose(report);
    }

    private static boolean isOver(long since, Duration wait) {
        return since == 0 || System.nanoTime() - since >= wait.toNanos();
    }

    /** What is not answered is found due again at the next look. */
    private void propose(ControlEvent event) throws InterruptedException {
        try {
            parts.plane().propose(event).toCompletableFuture().get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("event={} was not answered: {}", event.getClass().getSimpleName(), e.toString());
        }
    }
}
