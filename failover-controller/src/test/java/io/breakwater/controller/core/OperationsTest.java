package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.GROUP;
import static io.breakwater.controller.core.Scenario.down;
import static io.breakwater.controller.core.Scenario.up;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OperationsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void aGroupBeginsAtHomeWithItsFlowToStart() {
        Scenario scenario = new Scenario();

        assertThat(scenario.group().active()).isEqualTo("east");
        assertThat(scenario.effects())
                .containsExactly(new Effect.StartFlow(GROUP, new Flow("east", "west"), Epoch.FIRST));

        scenario.send(new ControlEvent.FlowStarted(GROUP, Epoch.FIRST));

        assertThat(ControlMachine.outstanding(scenario.state())).isEmpty();
    }

    @Test
    void aLongDetailIsKeptUntilTheNextMoveAndThenIsOnlyInTheEvidenceLog() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        ObjectNode detail = JsonNodeFactory.instance.objectNode().put("long", "x".repeat(20_000));
        scenario.beginStep("failover-1", "record-segments");
        scenario.send(new ControlEvent.StepEnded(
                "failover-1",
                scenario.epoch(),
                "record-segments",
                1,
                new StepResult.Succeeded(),
                detail,
                List.of("all of it")));
        scenario.beginStep("failover-1", "a-later-step");
        scenario.endStep("failover-1", "a-later-step", new StepResult.Failed("not reachable"));
        scenario.finish("failover-1", new StepResult.Failed("a later step"));
        assertThat(scenario.operation("failover-1")
                        .step("record-segments")
                        .orElseThrow()
                        .detail())
                .isEqualTo(detail);
        scenario.votes(up(), up());

        scenario.request("manual-1", "ada", "once more");

        assertThat(scenario.operation("failover-1")
                        .step("record-segments")
                        .orElseThrow()
                        .detail()
                        .path("inEvidenceLog")
                        .asInt())
                .isEqualTo(detail.toString().length());
        assertThat(scenario.evidence()).contains("all of it");
    }

    @Test
    void rule13AManualFailoverPassesTheCoolDown() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.finish("failover-1", new StepResult.Failed("no recovery point"));
        scenario.votes(up(), up());

        assertThat(scenario.request("manual-1", "ada", "the region is leaving us"))
                .isEqualTo(new Reply.OperationBegun("manual-1"));
    }

    @Test
    void rule13AManualFailoverNeverPassesARunningOperation() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();

        assertThat(scenario.request("manual-1", "ada", "hurry"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.OperationRunning("failover-1"))));
    }

    @Test
    void theSameRequestAgainIsTheSameOperationAndLeavesOneEntryOfEvidence() {
        Scenario scenario = new Scenario().votes(up(), up()).ready(SECOND);
        ControlEvent request = request("manual-1", Operation.FAILOVER, GROUP);
        scenario.send(request);

        Reply again = scenario.send(request);

        assertThat(again).isEqualTo(new Reply.OperationBegun("manual-1"));
        assertThat(scenario.evidence()).containsExactly("manual-1 asked for");
        assertThat(scenario.state().evidence().size()).isEqualTo(1);
    }

    @Test
    void theSameDecisionAgainLeavesOneEntryOfEvidence() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();

        assertThat(scenario.decide()).isEqualTo(new Reply.OperationBegun("failover-1"));
        assertThat(scenario.evidence()).containsExactly("decided failover-1");
    }

    @Test
    void anIdThatIsTakenIsNotGivenToAnotherOperation() {
        Scenario scenario = new Scenario().votes(up(), up()).ready(SECOND);
        scenario.send(request("manual-1", Operation.FAILOVER, GROUP));

        assertThat(scenario.send(request("manual-1", Operation.FAILBACK, GROUP)))
                .isEqualTo(new Reply.Refused(List.of(new Denial.IdTaken("manual-1", Operation.FAILOVER, GROUP))));
        assertThat(scenario.evidence()).containsExactly("manual-1 asked for");
    }

    private static ControlEvent request(String id, String kind, String group) {
        return new ControlEvent.OperationRequested(id, kind, group, "ada", "go", false, List.of(id + " asked for"));
    }

    @Test
    void rule17AManualFailoverNeedsNameAndReason() {
        Scenario scenario = new Scenario().votes(up(), up()).ready(SECOND);

        assertThat(scenario.request("manual-1", "", "why")).isInstanceOf(Reply.Refused.class);
        assertThat(scenario.request("manual-2", "ada", " ")).isInstanceOf(Reply.Refused.class);
        scenario.request("manual-3", "ada", "drill of the real thing");

        assertThat(scenario.operation("manual-3").requestedBy()).isEqualTo("ada");
        assertThat(scenario.operation("manual-3").reason()).isEqualTo("drill of the real thing");
    }

    @Test
    void rule8LossBeyondTheBudgetNeedsAPersonsAcceptance() {
        Scenario scenario = new Scenario().votes(up(), up()).ready(Duration.ofMinutes(5));

        assertThat(scenario.request("manual-1", "ada", "go"))
                .isEqualTo(new Reply.Refused(
                        List.of(new Denial.LossBeyondBudget(Duration.ofMinutes(5), Duration.ofMinutes(1)))));
        Reply accepted = scenario.send(new ControlEvent.OperationRequested(
                "manual-2", Operation.FAILOVER, GROUP, "ada", "go", true, List.of()));

        assertThat(accepted).isEqualTo(new Reply.OperationBegun("manual-2"));
    }

    @Test
    void rule15AnOperationThatFailsBeforeThePointOfNoReturnGivesTheLeaseBackUnderANewEpoch() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.lapse();

        scenario.finish("failover-1", new StepResult.Failed("no recovery point"));

        assertThat(scenario.group().active()).isEqualTo("east");
        assertThat(scenario.renewal("east"))
                .isEqualTo(new Reply.GroupLease(GROUP, true, new Epoch(3), true, true, 6000));
        assertThat(scenario.operation("failover-1").failure()).contains("no recovery point");
        assertThat(scenario.effects()).contains(new Effect.StartFlow(GROUP, new Flow("east", "west"), new Epoch(3)));
    }

    @Test
    void afterThePointOfNoReturnAFailureGivesNothingBack() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.lapse();
        scenario.endSegment("failover-1");
        scenario.pointOfNoReturn("failover-1");

        scenario.finish("failover-1", new StepResult.Failed("verify found a difference"));

        assertThat(scenario.group().active()).isEqualTo("west");
        assertThat(scenario.epoch()).isEqualTo(new Epoch(2));
        assertThat(scenario.renewal("east").active()).isFalse();
    }

    @Test
    void aFailoverCannotSucceedBeforeItsPointOfNoReturn() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();

        assertThat(scenario.finish("failover-1", new StepResult.Succeeded())).isInstanceOf(Reply.Refused.class);
    }

    @Test
    void stepsKeepTheirAttemptsDetailsAndTimes() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();

        beginStep(scenario);
        scenario.pass(SECOND).endStep("failover-1", "fence-mirror", new StepResult.Failed("not reachable"));
        beginStep(scenario);
        scenario.pass(SECOND).endStep("failover-1", "fence-mirror", new StepResult.Succeeded());

        StepRun run = scenario.operation("failover-1").step("fence-mirror").orElseThrow();
        assertThat(run.state()).isEqualTo(StepRun.State.done);
        assertThat(run.attempts()).isEqualTo(2);
        assertThat(run.detail().path("n").asInt()).isEqualTo(1);
        assertThat(run.failure()).isEmpty();
        assertThat(Duration.between(run.beganAt(), run.endedAt().orElseThrow())).isEqualTo(Duration.ofSeconds(2));
    }

    private static void beginStep(Scenario scenario) {
        scenario.beginStep("failover-1", "fence-mirror");
    }

    @Test
    void whatALeaderSaysLateOfAStepThatTheNextOneHasBegunAgainChangesNothing() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        beginStep(scenario);
        beginStep(scenario);
        ControlEvent.StepEnded late = ended(scenario, 1, new StepResult.Failed("not done in time"));
        Operation before = scenario.operation("failover-1");

        Reply end = scenario.send(late);
        Reply finish = scenario.finish("failover-1", new StepResult.Failed("step fence-mirror: not done in time"));

        assertThat(end).isEqualTo(refused(new Denial.StaleAttempt("failover-1", "fence-mirror", 1, 2)));
        assertThat(finish).isEqualTo(refused(new Denial.NoStepFailed("failover-1")));
        assertThat(scenario.operation("failover-1")).isEqualTo(before);
    }

    @Test
    void aStepThatIsDoneStaysSo() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        beginStep(scenario);
        scenario.endStep("failover-1", "fence-mirror", new StepResult.Succeeded());
        Operation before = scenario.operation("failover-1");

        Reply begin = scenario.beginStep("failover-1", "fence-mirror");
        Reply end = scenario.send(ended(scenario, 1, new StepResult.Failed("not done in time")));

        Reply expected = refused(new Denial.StepIsDone("failover-1", "fence-mirror"));
        assertThat(begin).isEqualTo(expected);
        assertThat(end).isEqualTo(expected);
        assertThat(scenario.operation("failover-1")).isEqualTo(before);
    }

    private static ControlEvent.StepEnded ended(Scenario scenario, int attempt, StepResult result) {
        return new ControlEvent.StepEnded(
                "failover-1",
                scenario.epoch(),
                "fence-mirror",
                attempt,
                result,
                JsonNodeFactory.instance.objectNode(),
                List.of());
    }

    private static Reply refused(Denial denial) {
        return new Reply.Refused(List.of(denial));
    }

    @Test
    void theLedgerIsDueOnceWhenKafkaOfTheOldRegionAnswersAgain() {
        Scenario scenario = new Scenario().failedOver();
        assertThat(due(scenario)).isEmpty();
        scenario.votes(RegionVerdict.of(Verdict.UNKNOWN, List.of("flink"), List.of("kafka")), up());

        ControlEvent ledger = due(scenario).get(0);
        scenario.send(ledger);
        Operation operation = scenario.operation("ledger-flights-2");

        assertThat(operation.kind()).isEqualTo(Operation.LEDGER);
        assertThat(operation.flow()).isEqualTo(new Flow("east", "west"));
        assertThat(operation.epoch()).isEqualTo(new Epoch(2));
        assertThat(scenario.renewal("west").ingress()).isTrue();

        scenario.finish("ledger-flights-2", new StepResult.Succeeded());

        assertThat(due(scenario)).isEmpty();
    }

    @Test
    void aLedgerThatFailedIsTriedAgainLaterUnderAnotherId() {
        Scenario scenario = new Scenario().failedOver().votes(up(), up());
        scenario.send(due(scenario).get(0));
        scenario.finish("ledger-flights-2", new StepResult.Failed("east is away again"));
        assertThat(due(scenario)).isEmpty();

        scenario.pass(Duration.ofSeconds(31)).votes(up(), up());
        scenario.send(due(scenario).get(0));

        assertThat(scenario.operation("ledger-flights-2-2").isRunning()).isTrue();
    }

    @Test
    void recoveryPointsAreCountedByWhatIsRestored() {
        Scenario scenario = new Scenario().votes(up(), up());

        scenario.ready(SECOND).ready(SECOND).pass(SECOND).ready(SECOND);

        assertThat(scenario.group().recoveryPoints()).isEqualTo(2);
    }

    @Test
    void evidenceStaysUntilItIsPublishedAndForAWhileLonger() {
        Scenario scenario = new Scenario();
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < EvidenceTail.KEPT + 10; i++) {
            entries.add("entry " + i);
        }
        scenario.send(new ControlEvent.EvidenceRecorded(entries));
        scenario.send(new ControlEvent.EvidencePublished(4));
        assertThat(scenario.state().evidence().first()).isEqualTo(4);

        scenario.send(new ControlEvent.EvidencePublished(entries.size()));

        assertThat(scenario.state().evidence().first()).isEqualTo(10);
        assertThat(scenario.state().evidence().entries()).hasSize(EvidenceTail.KEPT);
        assertThat(scenario.state().evidence().size()).isEqualTo(entries.size());
    }

    @Test
    void anEntryThatTheLogCannotHoldIsRefused() {
        Reply reply = new Scenario().send(new ControlEvent.EvidenceRecorded(List.of("x".repeat(65_536))));

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.EvidenceTooLarge(65_535))));
    }

    @Test
    void theStateSurvivesItsJson() throws IOException {
        Scenario scenario = new Scenario().failedOver().votesFor(SECOND, down("kafka", "flink"), up());
        scenario.ready(SECOND);

        byte[] json = Json.MAPPER.writeValueAsBytes(scenario.state());

        assertThat(Json.MAPPER.readValue(json, ControlState.class)).isEqualTo(scenario.state());
    }

    private static List<ControlEvent> due(Scenario scenario) {
        return Proposals.due(
                scenario.state(),
                scenario.now(),
                new LeaderFacts(scenario.state().settings(), Map.of()));
    }
}
