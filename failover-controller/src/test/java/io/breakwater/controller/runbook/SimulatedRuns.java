package io.breakwater.controller.runbook;

import io.breakwater.controller.app.AclFenceDuty;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.ControlState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.fence.AclCluster;
import io.breakwater.controller.fence.AclClusters;
import io.breakwater.controller.fence.RegionFences;
import io.breakwater.controller.runbook.steps.AwaitLeaseLapsedStep;
import io.breakwater.controller.runbook.steps.OpenGateStep;
import io.breakwater.controller.runbook.steps.PointOfNoReturnStep;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Policy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * The runbooks of the project, run by the real engine on simulated time on one node. The steps that need only consensus
 * are the real ones; what the others do, the simulation says. A run has a thread of its own, but only one thread goes
 * on at a time: the simulation's, or the one run that it has resumed.
 */
public final class SimulatedRuns {

    /** The node and the world around it. Called by the one thread that goes on. */
    public interface World {
        /** The node's clock. */
        Instant now();

        void after(double seconds, Runnable work);

        /** The node is stopped: it goes on later. */
        boolean isStopped();

        ControlState state();

        CompletionStage<Reply> propose(String commandId, ControlEvent event);

        StepOutcome work(String step, StepContext context) throws InterruptedException;

        /** Empty if brokers of the region hold a lease. */
        default Optional<AclCluster> aclCluster(String region, Pause pause) {
            return Optional.empty();
        }
    }

    /** How a cluster takes its time. */
    @FunctionalInterface
    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    private static final double LOOK_AGAIN = 0.5;
    /** Who looks twenty times a second would have the simulation do little else than hand over. */
    private static final double SHORTEST_PAUSE = 0.5;

    private static final Path RUNBOOKS = Path.of(System.getProperty("breakwater.root"), "runbooks");
    private static final List<String> OF_THE_WORLD = List.of(
            "fence-tables",
            "drain",
            "fence-mirror",
            "record-segments",
            "select-recovery-point",
            "translate-groups",
            "promote-tables",
            "restore-jobs",
            "route",
            "verify",
            "export-loss-ledger",
            "export-table-ledger",
            "export-object-ledger",
            "rewind-tables");
    private static final Map<String, Runbook> BOOKS = load();
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "simulated-run");
        thread.setDaemon(true);
        return thread;
    });

    /** Of the thread that goes on, if it is a run's. */
    private static final ThreadLocal<Fiber> CURRENT = new ThreadLocal<>();

    private static final Duration DUTY_ANSWER = Duration.ofSeconds(10);

    static {
        Configurator.setLevel(SimulatedRuns.class.getPackageName(), Level.ERROR);
        Configurator.setLevel(AclFenceDuty.class.getName(), Level.ERROR);
    }

    private final World world;
    private final Platform platform;
    private final Consensus consensus;
    private final Map<String, RunbookStep> steps;
    private final AclFenceDuty acls;
    private final String group;
    private final Map<String, Fiber> running = new HashMap<>();
    private Fiber look = new Fiber(pace -> {}).ended();

    public SimulatedRuns(String group, Policy policy, World world) {
        this.world = world;
        this.platform = SimulatedPlatform.of(group, policy);
        this.group = group;
        AclClusters clusters = (platform, name, region) ->
                world.aclCluster(region, time -> current().pause(time));
        this.steps = steps(world, RegionFences.by(clusters));
        this.acls = new AclFenceDuty(
                platform,
                clusters,
                world::state,
                event -> current().answer(world.propose(UUID.randomUUID().toString(), event), DUTY_ANSWER),
                world::now);
        this.consensus = new Consensus() {
            @Override
            public ControlState state() {
                return world.state();
            }

            @Override
            public CompletionStage<Reply> propose(String commandId, ControlEvent event) {
                return world.propose(commandId, event);
            }
        };
    }

    private static Map<String, Runbook> load() {
        Map<String, Runbook> books = new HashMap<>();
        List<String> known = new ArrayList<>(OF_THE_WORLD);
        known.addAll(List.of("await-lease-lapsed", "point-of-no-return", "open-pipeline", "open-ingress"));
        for (String name : List.of(Operation.FAILOVER, Operation.FAILBACK, Operation.LEDGER)) {
            books.put(name, Runbook.load(RUNBOOKS, name, Set.copyOf(known)));
        }
        return books;
    }

    private static Map<String, RunbookStep> steps(World world, RegionFences fences) {
        Map<String, RunbookStep> steps = new HashMap<>();
        List.of(
                        new AwaitLeaseLapsedStep(fences),
                        new PointOfNoReturnStep(),
                        OpenGateStep.pipeline(fences),
                        OpenGateStep.ingress(fences))
                .forEach(step -> steps.put(step.id(), step));
        OF_THE_WORLD.forEach(id -> steps.put(id, new StepOfTheWorld(id, world)));
        return steps;
    }

    private record StepOfTheWorld(String id, World world) implements RunbookStep {
        @Override
        public String preview(Preview preview) {
            return id;
        }

        @Override
        public StepOutcome run(StepContext context) throws InterruptedException {
            return world.work(id, context);
        }
    }

    /** Of one of the project's runbooks, in order. */
    public static List<String> stepsOf(String runbook) {
        return Objects.requireNonNull(BOOKS.get(runbook)).steps().stream()
                .map(Runbook.Entry::id)
                .toList();
    }

    /** As {@link RunbookRunner#run}. */
    public void run(String operation) {
        running.values().removeIf(fiber -> fiber.ended);
        running.computeIfAbsent(
                operation,
                id -> new Fiber(fiber -> {
                            RunbookRunner.Means means = new RunbookRunner.Means(
                                    platform, BOOKS, steps, consensus, region -> List.of(), fiber);
                            new OperationRun(means, id).run();
                        })
                        .begin());
    }

    /** The leader's duty at regions that ACLs close, once; as there, a look that goes on when it is due again is left alone. */
    public void lookAtAcls() {
        if (look.ended) {
            look = new Fiber(fiber -> acls.look(group)).begin();
        }
    }

    /** As {@link RunbookRunner#stop}: the node has heard that it does not lead. A look at ACLs goes on to its end. */
    public void stop() {
        running.values().forEach(Fiber::tell);
        running.clear();
    }

    /** As {@code kill -9}: no run does anything more. */
    public void crash() {
        running.values().forEach(Fiber::kill);
        running.clear();
        look.kill();
    }

    /** Ends a run's thread wherever it is. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed", null, false, false);
        }
    }

    private static Fiber current() {
        return Objects.requireNonNull(CURRENT.get());
    }

    /** What a fiber does. */
    @FunctionalInterface
    private interface Work {
        void run(Pace pace) throws InterruptedException;
    }

    private final class Fiber implements Pace {
        private final Work work;
        private final Semaphore turn = new Semaphore(0);
        private final Semaphore back = new Semaphore(0);
        private boolean told;
        private boolean killed;
        private long parks;
        private Optional<AssertionError> violation = Optional.empty();
        private boolean ended;

        Fiber(Work work) {
            this.work = work;
        }

        Fiber ended() {
            ended = true;
            return this;
        }

        Fiber begin() {
            THREADS.execute(() -> {
                CURRENT.set(this);
                turn.acquireUninterruptibly();
                parks++;
                try {
                    if (!killed) {
                        work.run(this);
                    }
                } catch (Killed | InterruptedException e) {
                    told = true;
                } catch (AssertionError e) {
                    violation = Optional.of(e);
                } finally {
                    ended = true;
                    back.release();
                }
            });
            resumeAfter(0, parks);
            return this;
        }

        private void resumeAfter(double seconds, long park) {
            world.after(seconds, () -> resume(park));
        }

        /** By the simulation's thread, which waits meanwhile. */
        private void resume(long park) {
            if (ended || park != parks) {
                return;
            }
            if (world.isStopped() && !killed) {
                resumeAfter(LOOK_AGAIN, park);
                return;
            }
            turn.release();
            back.acquireUninterruptibly();
            violation.ifPresent(found -> {
                throw found;
            });
        }

        private void park() throws InterruptedException {
            back.release();
            turn.acquireUninterruptibly();
            parks++;
            if (killed) {
                throw new Killed();
            }
            if (told) {
                throw new InterruptedException("deposed");
            }
        }

        void tell() {
            told = true;
            resumeAfter(0, parks);
        }

        void kill() {
            killed = true;
            resume(parks);
        }

        @Override
        public Instant now() {
            return world.now();
        }

        @Override
        public void pause(Duration time) throws InterruptedException {
            resumeAfter(Math.max(SHORTEST_PAUSE, time.toMillis() / 1000.0), parks);
            park();
        }

        @Override
        public <T> T answer(CompletionStage<T> answer, Duration limit)
                throws InterruptedException, ExecutionException, TimeoutException {
            CompletableFuture<T> future = answer.toCompletableFuture();
            if (!future.isDone()) {
                long park = parks;
                var unused = future.whenComplete((value, failure) -> resumeAfter(0, park));
                resumeAfter(limit.toMillis() / 1000.0, park);
                park();
            }
            if (!future.isDone()) {
                throw new TimeoutException("no answer");
            }
            return future.get();
        }

        @Override
        public StepOutcome run(RunbookStep step, StepContext context, Duration limit) throws InterruptedException {
            try {
                return step.run(context);
            } catch (RuntimeException e) {
                return new StepOutcome.Failed(e.toString());
            }
        }
    }
}
