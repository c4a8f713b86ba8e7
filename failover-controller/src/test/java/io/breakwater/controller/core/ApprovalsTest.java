package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.GROUP;
import static io.breakwater.controller.core.Scenario.NODES;
import static io.breakwater.controller.core.Scenario.POLICY;
import static io.breakwater.controller.core.Scenario.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Policy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Two persons where the policy wants them, approvals of steps, and the freeze of all groups. */
class ApprovalsTest {

    private static final Policy TWO_PERSONS = new Policy(
            POLICY.mode(),
            POLICY.holdTime(),
            POLICY.lease(),
            POLICY.leaseMargin(),
            POLICY.coolDown(),
            POLICY.maxLoss(),
            true);

    @Test
    void whereThePolicyWantsTwoPersonsARequestOnlyWaits() {
        Scenario scenario = asked();

        assertThat(scenario.group().operation()).isEmpty();
        assertThat(scenario.group().epoch()).isEqualTo(Epoch.FIRST);
        assertThat(scenario.group().pending()).map(PendingRequest::requestedBy).contains("ada");
    }

    @Test
    void anotherPersonsApprovalBeginsItAndBothAreNamed() {
        Scenario scenario = asked();

        Reply reply = approve(scenario, "manual-1", "grace");

        assertThat(reply).isEqualTo(new Reply.OperationBegun("manual-1"));
        assertThat(scenario.operation("manual-1").requestedBy()).isEqualTo("ada, approved by grace");
        assertThat(scenario.group().pending()).isEmpty();
        assertThat(scenario.evidence()).containsExactly("approved by grace");
        assertThat(approve(scenario, "manual-1", "grace")).isEqualTo(new Reply.OperationBegun("manual-1"));
        assertThat(scenario.evidence()).hasSize(1);
    }

    @Test
    void nobodyApprovesWhatHeAskedForHoweverHeWritesHisName() {
        Scenario scenario = asked();

        assertThat(approve(scenario, "manual-1", " Ada"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.SamePerson(" Ada"))));
        assertThat(scenario.group().operation()).isEmpty();
        assertThat(scenario.evidence()).isEmpty();
    }

    @Test
    void anApprovalThatComesTooLateOrForAnotherOperationIsRefused() {
        Scenario scenario = asked();
        assertThat(approve(scenario, "manual-2", "grace").isRefused()).isTrue();

        scenario.pass(PendingRequest.STANDS.plusSeconds(1));
        scenario.votes(up(), up()).ready(Duration.ofSeconds(1));

        assertThat(approve(scenario, "manual-1", "grace"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.NothingToApprove("operation manual-1"))));
        assertThat(scenario.request("manual-3", "ada", "again")).isEqualTo(new Reply.AwaitsApproval("manual-3"));
    }

    @Test
    void theGuardsAreAskedAgainWhenItIsApproved() {
        Scenario scenario = asked().pass(Duration.ofMinutes(1));

        assertThat(approve(scenario, "manual-1", "grace")).isInstanceOfSatisfying(Reply.Refused.class, refused -> {
            assertThat(refused.denials()).contains(new Denial.StandbyNotUp("west", 0, 2));
            assertThat(refused.denials()).contains(new Denial.ReadinessUnknown());
        });
        assertThat(scenario.group().operation()).isEmpty();
    }

    @Test
    void oneRequestWaitsAtATimeAndTheSameAgainIsTheSame() {
        Scenario scenario = asked();

        assertThat(scenario.request("manual-1", "ada", "go")).isEqualTo(new Reply.AwaitsApproval("manual-1"));
        assertThat(scenario.request("manual-2", "grace", "me too"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.AnotherAwaitsApproval("manual-1", "ada"))));
    }

    @Test
    void rule1InAdvisoryModeAFailoverThatIsDueIsProposedAndBeginsOnceAPersonApproves() {
        Scenario scenario = new Scenario(mode(Policy.Mode.advisory), NODES).lost();

        List<ControlEvent> due = due(scenario);
        assertThat(due).singleElement().isInstanceOf(ControlEvent.OperationDecided.class);
        assertThat(scenario.send(due.get(0))).isEqualTo(new Reply.AwaitsApproval("failover-flights-2"));

        assertThat(scenario.group().operation()).isEmpty();
        assertThat(scenario.effects()).noneMatch(Effect.RunOperation.class::isInstance);
        assertThat(due(scenario)).isEmpty();
        assertThat(approve(scenario, "failover-flights-2", "ada"))
                .isEqualTo(new Reply.OperationBegun("failover-flights-2"));
        assertThat(scenario.operation("failover-flights-2").requestedBy()).isEqualTo("breakwater, approved by ada");
        assertThat(scenario.group().pending()).isEmpty();
    }

    @Test
    void whatWasProposedIsRefusedOnceTheRegionIsBack() {
        Scenario scenario = new Scenario(mode(Policy.Mode.advisory), NODES).lost();
        scenario.send(due(scenario).get(0));
        scenario.votes(up(), up());

        assertThat(approve(scenario, "failover-flights-2", "ada"))
                .isInstanceOfSatisfying(
                        Reply.Refused.class,
                        refused -> assertThat(refused.denials()).contains(new Denial.ActiveNotDown("east", 0, 2)));
        assertThat(scenario.group().operation()).isEmpty();
    }

    @Test
    void inPausedModeNothingIsProposed() {
        Scenario scenario = new Scenario(mode(Policy.Mode.paused), NODES).lost();

        assertThat(due(scenario)).isEmpty();
        assertThat(scenario.decide())
                .isEqualTo(new Reply.Refused(List.of(new Denial.ModeNotAutomatic(Policy.Mode.paused))));
    }

    private static List<ControlEvent> due(Scenario scenario) {
        ControlState state = scenario.state();
        return Proposals.due(state, scenario.now(), new LeaderFacts(state.settings(), Map.of()));
    }

    private static Policy mode(Policy.Mode mode) {
        return new Policy(
                mode, POLICY.holdTime(), POLICY.lease(), POLICY.leaseMargin(), POLICY.coolDown(), POLICY.maxLoss());
    }

    @Test
    void anAutomaticFailoverWaitsForNobody() {
        Scenario scenario = new Scenario(TWO_PERSONS, NODES).lost();

        assertThat(scenario.decide()).isEqualTo(new Reply.OperationBegun("failover-1"));
    }

    @Test
    void aRunningStepIsApprovedByAnotherPersonOnce() {
        Scenario scenario = new Scenario().votes(up(), up()).ready(Duration.ofSeconds(1));
        scenario.request("manual-1", "ada", "go");
        assertThat(approveStep(scenario, "grace").isRefused()).isTrue();
        scenario.beginStep("manual-1", "look");

        assertThat(approveStep(scenario, "ada").isRefused()).isTrue();
        assertThat(approveStep(scenario, "grace")).isEqualTo(new Reply.Accepted());
        assertThat(approveStep(scenario, "grace")).isEqualTo(new Reply.Accepted());

        assertThat(scenario.operation("manual-1").approvals("look"))
                .extracting(Approval::approvedBy)
                .containsExactly("grace");
        assertThat(scenario.evidence()).containsExactly("step approved by grace");
        scenario.endStep("manual-1", "look", new StepResult.Succeeded());
        assertThat(scenario.operation("manual-1").approvals("look")).hasSize(1);
        assertThat(approveStep(scenario, "linus").isRefused()).isTrue();
    }

    @Test
    void rule14AFreezeOfAllGroupsStopsEachOfThemAndNoPerson() {
        Scenario scenario = new Scenario();
        scenario.send(freezeAll(true, "ada"));
        scenario.lost();

        assertThat(scenario.decide()).isEqualTo(new Reply.Refused(List.of(new Denial.AllFrozen())));
        assertThat(scenario.group().frozen()).isFalse();

        scenario.send(freezeAll(false, "ada"));

        assertThat(scenario.decide()).isEqualTo(new Reply.OperationBegun("failover-1"));
    }

    @Test
    void rule17AFreezeOfAllGroupsNeedsAName() {
        Scenario scenario = new Scenario();

        assertThat(scenario.send(freezeAll(true, " ")).isRefused()).isTrue();
        assertThat(scenario.state().frozen()).isFalse();
    }

    @Test
    void itAllSurvivesASnapshotAlsoOneFromBefore() throws IOException {
        Scenario scenario = asked();
        scenario.send(freezeAll(true, "ada"));
        String json = Json.MAPPER.writeValueAsString(scenario.state());

        assertThat(Json.MAPPER.readValue(json, ControlState.class)).isEqualTo(scenario.state());

        approve(scenario, "manual-1", "grace");
        scenario.send(freezeAll(false, "ada"));
        String older = Json.MAPPER
                .writeValueAsString(scenario.state())
                .replace(",\"approvals\":[]", "")
                .replace(",\"pending\":null", "")
                .replace(",\"frozen\":false}", "}");
        assertThat(older).doesNotContain("approvals", "pending");
        assertThat(Json.MAPPER.readValue(older, ControlState.class)).isEqualTo(scenario.state());
    }

    private static Scenario asked() {
        Scenario scenario = new Scenario(TWO_PERSONS, NODES).votes(up(), up()).ready(Duration.ofSeconds(1));
        assertThat(scenario.request("manual-1", "ada", "go")).isEqualTo(new Reply.AwaitsApproval("manual-1"));
        return scenario;
    }

    private static Reply approve(Scenario scenario, String id, String who) {
        return scenario.send(
                new ControlEvent.OperationApproved(id, GROUP, who, "I agree", List.of("approved by " + who)));
    }

    private static Reply approveStep(Scenario scenario, String who) {
        return scenario.send(new ControlEvent.StepApproved(
                "manual-1", scenario.epoch(), "look", who, "looks good", List.of("step approved by " + who)));
    }

    private static ControlEvent freezeAll(boolean frozen, String who) {
        return new ControlEvent.FreezeChanged(ControlEvent.ALL_GROUPS, frozen, who, "storm", List.of());
    }
}
