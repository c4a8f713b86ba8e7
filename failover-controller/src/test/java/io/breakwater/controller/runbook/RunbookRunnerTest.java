package io.breakwater.controller.runbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpServer;
import io.breakwater.controller.core.ControlEvent;
import io.breakwater.controller.core.Effect.RunOperation;
import io.breakwater.controller.core.GroupSettings;
import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.core.Operation;
import io.breakwater.controller.core.Readiness;
import io.breakwater.controller.core.RegionVerdict;
import io.breakwater.controller.core.Reply;
import io.breakwater.controller.core.Settings;
import io.breakwater.controller.core.StepRun;
import io.breakwater.controller.core.Verdict;
import io.breakwater.controller.runbook.steps.ApprovalStep;
import io.breakwater.controller.runbook.steps.WaitStep;
import io.breakwater.controller.runbook.steps.WebhookStep;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Policy;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.Segment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The runner with the real machine; steps of this test. */
class RunbookRunnerTest {

    private static final String OPERATION = "manual-1";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Policy POLICY = new Policy(
            Policy.Mode.advisory,
            Duration.ofSeconds(3),
            Duration.ofSeconds(6),
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            Duration.ofMinutes(1));

    private final LocalConsensus consensus = new LocalConsensus();
    private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, RunbookStep> steps = new LinkedHashMap<>();
    private final List<RunbookRunner> runners = new ArrayList<>();
    private final List<Runbook.Entry> entries = new ArrayList<>();

    private interface Work {
        StepOutcome run(StepContext context) throws InterruptedException;
    }

    private record Scripted(String id, List<String> ran, Work work) implements RunbookStep {
        @Override
        public String preview(Preview preview) {
            return "runs " + id;
        }

        @Override
        public StepOutcome run(StepContext context) throws InterruptedException {
            ran.add(id);
            return work.run(context);
        }
    }

    private void step(String id, Duration timeout, Optional<Runbook.OnFailure> onFailure, Work work) {
        steps.put(id, new Scripted(id, ran, work));
        entries.add(new Runbook.Entry(id, timeout, new Runbook.Retry(Duration.ofMillis(10)), onFailure));
    }

    private void step(String id, Work work) {
        step(id, PATIENCE, Optional.empty(), work);
    }

    private void pointOfNoReturn() {
        step("point", context -> {
            Reply lapsed = context.propose(new ControlEvent.LeaseLapsed("flights", context.epoch(), 0));
            Segment ended =
                    new Segment(Epoch.FIRST, context.flow(), false, Optional.empty(), new TreeMap<>(), new TreeMap<>());
            context.propose(new ControlEvent.SegmentEnded(OPERATION, context.epoch(), ended));
            Reply passed = context.propose(new ControlEvent.PointOfNoReturnPassed(OPERATION, context.epoch()));
            return lapsed.isRefused() || passed.isRefused()
                    ? new StepOutcome.Failed(lapsed + " " + passed)
                    : StepOutcome.done();
        });
    }

    @BeforeEach
    void aManualFailoverHasBegun() {
        Settings settings = new Settings(
                List.of("one"), new TreeMap<>(Map.of("flights", new GroupSettings("east", "west", POLICY))));
        propose(new ControlEvent.PlatformAdopted(settings));
        propose(ControlEvent.VerdictVoted.of(
                "one", Map.of("west", RegionVerdict.of(Verdict.UP, List.of(), List.of("kafka")))));
        Instant now = Instant.now();
        RecoveryPoint point =
                new RecoveryPoint("flights", new Flow("east", "west"), now, OffsetVector.EMPTY, new TreeMap<>());
        propose(new ControlEvent.ReadinessReported(
                "flights",
                Epoch.FIRST,
                new Readiness(now, Optional.of(point), Optional.of(Duration.ZERO), Optional.of(now), List.of())));
        propose(new ControlEvent.OperationRequested(
                OPERATION, Operation.FAILOVER, "flights", "ada", "test", false, List.of()));
        assertThat(operation().isRunning()).isTrue();
    }

    @AfterEach
    void stop() {
        runners.forEach(RunbookRunner::close);
    }

    private void propose(ControlEvent event) {
        consensus.propose(event.toString(), event);
    }

    private RunbookRunner runner() {
        Platform platform = new Platform(
                "test",
                List.of(new Node("one", Optional.empty(), new HostPort("localhost", 1), new HostPort("localhost", 2))),
                new TreeMap<>(),
                new TreeMap<>());
        RunbookRunner runner = new RunbookRunner(
                platform,
                Map.of(Operation.FAILOVER, new Runbook(Operation.FAILOVER, entries)),
                steps,
                consensus,
                region -> List.of(),
                Clock.systemUTC());
        runners.add(runner);
        return runner;
    }

    private RunbookRunner run() {
        RunbookRunner runner = runner();
        runner.run(new RunOperation(OPERATION, "flights", new Epoch(2)));
        return runner;
    }

    private Operation operation() {
        return consensus.state().operation(OPERATION).orElseThrow();
    }

    private void awaitState(Operation.State state) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(operation().state()).isEqualTo(state));
    }

    private record Found(int segments) {}

    private void builtIn(RunbookStep step, Duration timeout, Map<String, String> with) {
        steps.put(step.id(), step);
        entries.add(new Runbook.Entry(
                step.id(),
                Optional.of("my-" + step.id()),
                timeout,
                new Runbook.Retry(Duration.ofMillis(10)),
                Optional.of(Runbook.OnFailure.fail),
                with));
    }

    @Test
    void anApprovalLetsTheOperationGoOnOnceEnoughPersonsAgree() {
        builtIn(new ApprovalStep(), PATIENCE, Map.of("question", "is it really gone?", "persons", "2"));
        pointOfNoReturn();
        run();
        await().atMost(PATIENCE).until(() -> operation().step("my-approval").isPresent());

        approve("ada");
        approve("grace");
        assertThat(operation().step("my-approval").orElseThrow().state()).isEqualTo(StepRun.State.running);
        approve("linus");

        awaitState(Operation.State.succeeded);
        assertThat(operation().step("my-approval").orElseThrow().detail().path("approvedBy"))
                .hasToString("[\"grace\",\"linus\"]");
        assertThat(ran).containsExactly("point");
    }

    private void approve(String who) {
        propose(new ControlEvent.StepApproved(OPERATION, new Epoch(2), "my-approval", who, "yes", List.of()));
    }

    @Test
    void anApprovalThatDoesNotComeInTimeEndsTheOperationBeforeAnythingIsDone() {
        builtIn(new ApprovalStep(), Duration.ofMillis(200), Map.of("question", "is it really gone?"));
        pointOfNoReturn();

        run();

        awaitState(Operation.State.failed);
        assertThat(operation().failure().orElseThrow()).startsWith("step my-approval: ");
        assertThat(ran).isEmpty();
        assertThat(consensus.state().group("flights").orElseThrow().active()).isEqualTo("east");
    }

    @Test
    void aWaitCountsFromItsFirstBeginningAlsoForTheNextLeader() {
        builtIn(new WaitStep(), PATIENCE, Map.of("for", "PT1S"));
        pointOfNoReturn();
        RunbookRunner first = run();
        await().atMost(PATIENCE).until(() -> operation().step("my-wait").isPresent());
        first.stop();

        run();

        awaitState(Operation.State.succeeded);
        StepRun wait = operation().step("my-wait").orElseThrow();
        assertThat(Duration.between(wait.beganAt(), wait.endedAt().orElseThrow()))
                .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aWebhookIsToldOfTheOperationUntilItAnswersWell() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            told.add(exchange.getRequestHeaders().getFirst("Idempotency-Key") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(told.size() == 1 ? 503 : 204, -1);
            exchange.close();
        });
        server.start();
        try {
            builtIn(
                    new WebhookStep(),
                    PATIENCE,
                    Map.of("url", "http://127.0.0.1:" + server.getAddress().getPort() + "/pager"));
            pointOfNoReturn();

            run();

            awaitState(Operation.State.succeeded);
            assertThat(told)
                    .hasSize(2)
                    .allSatisfy(call -> assertThat(call)
                            .startsWith("manual-1/my-webhook {\"operation\":\"manual-1\"")
                            .contains("\"from\":\"east\",\"to\":\"west\""));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void runsTheStepsInOrderAndHandsDetailsOn() {
        step("find", context -> StepOutcome.done(new Found(7)));
        pointOfNoReturn();
        step(
                "use",
                context -> new StepOutcome.Done(JsonNodeFactory.instance
                        .objectNode()
                        .put("found", context.detail("find", Found.class).segments())));

        run();

        awaitState(Operation.State.succeeded);
        assertThat(ran).containsExactly("find", "point", "use");
        assertThat(operation().step("use").orElseThrow().detail().path("found").asInt())
                .isEqualTo(7);
        assertThat(consensus.state().evidence().entries())
                .hasSize(4)
                .allSatisfy(entry -> assertThat(entry).contains(OPERATION));
    }

    @Test
    void theNextLeaderGoesOnWithTheFirstStepThatIsNotDone() throws InterruptedException {
        CountDownLatch inSecond = new CountDownLatch(1);
        AtomicInteger secondRuns = new AtomicInteger();
        step("first", context -> StepOutcome.done());
        pointOfNoReturn();
        step("second", context -> {
            if (secondRuns.incrementAndGet() == 1) {
                inSecond.countDown();
                new CountDownLatch(1).await();
            }
            return StepOutcome.done();
        });
        RunbookRunner lost = run();
        inSecond.await();

        lost.stop();
        run();

        awaitState(Operation.State.succeeded);
        assertThat(ran).containsExactly("first", "point", "second", "second");
        assertThat(operation().step("first").orElseThrow().attempts()).isEqualTo(1);
        assertThat(operation().step("second").orElseThrow().attempts()).isEqualTo(2);
    }

    @Test
    void anAnswerThatIsLostDoesNotRunAStepTwice() {
        step("first", context -> StepOutcome.done());
        pointOfNoReturn();
        consensus.loseAnswers(3);

        run();

        awaitState(Operation.State.succeeded);
        assertThat(ran).containsExactly("first", "point");
        assertThat(consensus.accepted().stream().filter(ControlEvent.StepBegan.class::isInstance))
                .hasSize(2);
    }

    @Test
    void aStepIsTriedAgainWithinItsTime() {
        AtomicInteger runs = new AtomicInteger();
        step("first", context -> runs.incrementAndGet() < 3 ? new StepOutcome.Failed("not yet") : StepOutcome.done());
        pointOfNoReturn();

        run();

        awaitState(Operation.State.succeeded);
        assertThat(ran).containsExactly("first", "first", "first", "point");
    }

    @Test
    void beforeThePointOfNoReturnAStepOutOfTimeEndsTheOperationAndGivesTheRegionBack() {
        step("first", Duration.ofMillis(50), Optional.empty(), context -> new StepOutcome.Failed("no such topic"));

        run();

        awaitState(Operation.State.failed);
        assertThat(operation().failure()).contains("step first: no such topic");
        assertThat(operation().step("first").orElseThrow().state()).isEqualTo(StepRun.State.failed);
        assertThat(group().active()).isEqualTo("east");
        assertThat(group().epoch()).isEqualTo(new Epoch(3));
    }

    @Test
    void aStepThatHangsIsEndedWhenItsTimeIsOver() {
        step("first", Duration.ofMillis(50), Optional.empty(), context -> {
            new CountDownLatch(1).await();
            return StepOutcome.done();
        });

        run();

        awaitState(Operation.State.failed);
        assertThat(operation().failure().orElseThrow()).startsWith("step first: ");
    }

    @Test
    void aStepThatThrowsHasFailed() {
        step("first", Duration.ofMillis(50), Optional.empty(), context -> {
            throw new IllegalStateException("broken");
        });

        run();

        awaitState(Operation.State.failed);
        assertThat(operation().failure().orElseThrow()).contains("broken");
    }

    @Test
    void afterThePointOfNoReturnAStepIsBegunAgainForAsLongAsItTakes() {
        AtomicInteger runs = new AtomicInteger();
        pointOfNoReturn();
        step(
                "second",
                Duration.ofMillis(5),
                Optional.empty(),
                context -> runs.incrementAndGet() < 5 ? new StepOutcome.Failed("no slots") : StepOutcome.done());

        run();

        awaitState(Operation.State.succeeded);
        assertThat(operation().step("second").orElseThrow().attempts()).isEqualTo(5);
    }

    @Test
    void aStepThatMayFailEndsTheOperationWithWhatIsDone() {
        pointOfNoReturn();
        step(
                "verify",
                Duration.ofMillis(5),
                Optional.of(Runbook.OnFailure.fail),
                context -> new StepOutcome.Failed("one record differs"));

        run();

        awaitState(Operation.State.failed);
        assertThat(group().active()).isEqualTo("west");
        assertThat(group().operation()).isEmpty();
    }

    private GroupState group() {
        return consensus.state().group("flights").orElseThrow();
    }
}
