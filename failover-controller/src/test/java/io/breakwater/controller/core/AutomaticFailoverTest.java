package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.GROUP;
import static io.breakwater.controller.core.Scenario.NODES;
import static io.breakwater.controller.core.Scenario.POLICY;
import static io.breakwater.controller.core.Scenario.down;
import static io.breakwater.controller.core.Scenario.unknown;
import static io.breakwater.controller.core.Scenario.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Policy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The rules of safety-rules.md that deny an automatic failover, one by one. */
class AutomaticFailoverTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void isDecidedWhenAllGuardsHold() {
        Scenario scenario = new Scenario().lost();

        Reply reply = scenario.decide();

        assertThat(reply).isEqualTo(new Reply.OperationBegun("failover-1"));
        assertThat(scenario.epoch()).isEqualTo(new Epoch(2));
        assertThat(scenario.operation("failover-1").firstDownVoteAt())
                .contains(scenario.now().minus(POLICY.holdTime()));
        assertThat(scenario.effects()).contains(new Effect.RunOperation("failover-1", GROUP, new Epoch(2)));
        assertThat(scenario.evidence()).containsExactly("decided failover-1");
    }

    @Test
    void rule1NeedsTheModeAutomatic() {
        Policy paused = new Policy(
                Policy.Mode.paused,
                POLICY.holdTime(),
                POLICY.lease(),
                POLICY.leaseMargin(),
                POLICY.coolDown(),
                POLICY.maxLoss());
        Scenario scenario = new Scenario(paused, NODES).lost();

        assertDenied(scenario, Denial.ModeNotAutomatic.class);
    }

    @Test
    void rule3NeedsThreeNodes() {
        Scenario scenario = new Scenario(POLICY, List.of("east", "west")).lost();

        assertDenied(scenario, Denial.TooFewNodes.class);
    }

    /** The simulation found it: the vote of a node that had been replaced counted until somebody voted again. */
    @Test
    void aNodeThatIsNoneAnyMoreHasNoVoice() {
        Scenario scenario = new Scenario().lost();

        scenario.send(
                new ControlEvent.PlatformAdopted(Scenario.settings(POLICY, List.of("north", "south", "witness"))));

        assertDenied(scenario, Denial.ActiveNotDown.class);
        assertThat(scenario.state().votes("east")).containsOnlyKeys("witness");
    }

    @Test
    void rule4NeedsAMajorityOfAllNodes() {
        Scenario scenario = new Scenario().votes(up(), up()).ready(SECOND);
        for (int i = 0; i < 5; i++) {
            scenario.pass(SECOND)
                    .vote("west", down(), up())
                    .vote("witness", up(), up())
                    .vote("east", up(), up());
        }

        assertDenied(scenario, Denial.ActiveNotDown.class);
    }

    @Test
    void rule4NeedsTwoSignalClasses() {
        Scenario scenario =
                new Scenario().votes(up(), up()).ready(SECOND).votesFor(SECOND.multipliedBy(5), down("kafka"), up());

        assertDenied(scenario, Denial.ActiveNotDown.class);
    }

    @Test
    void rule4NeedsTheHoldTime() {
        Scenario scenario =
                new Scenario().votes(up(), up()).ready(SECOND).votesFor(SECOND.multipliedBy(2), down(), up());

        assertDenied(scenario, Denial.HoldTimeRunning.class);
    }

    @Test
    void rule4HoldTimeBeginsAgainAfterOneVoteOfUp() {
        Scenario scenario = new Scenario()
                .votes(up(), up())
                .ready(SECOND)
                .votesFor(SECOND.multipliedBy(2), down(), up())
                .votes(up(), up())
                .votesFor(SECOND.multipliedBy(2), down(), up());

        assertDenied(scenario, Denial.HoldTimeRunning.class);
    }

    @Test
    void unknownNeverCountsAsDown() {
        Scenario scenario =
                new Scenario().votes(up(), up()).ready(SECOND).votesFor(SECOND.multipliedBy(5), unknown(), up());

        assertDenied(scenario, Denial.ActiveNotDown.class);
    }

    @Test
    void missingVotesDeny() {
        Scenario scenario = new Scenario().lost();

        scenario.pass(Vote.FRESH.plus(SECOND)).vote("west", down(), up());

        assertDenied(scenario, Denial.ActiveNotDown.class);
    }

    @Test
    void aNodeThatIsNotOfThePlatformHasNoVote() {
        Scenario scenario = new Scenario();

        Reply reply = scenario.send(ControlEvent.VerdictVoted.of("stranger", Map.of("east", down())));

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.UnknownNode("stranger"))));
    }

    @Test
    void needsTheStandbyUpByMajority() {
        Scenario scenario =
                new Scenario().votes(up(), up()).ready(SECOND).votesFor(SECOND.multipliedBy(4), down(), unknown());

        assertDenied(scenario, Denial.StandbyNotUp.class);
    }

    @Test
    void rule5DeniesWhileReplicationFlows() {
        Scenario scenario = new Scenario().lost();

        scenario.ready(Duration.ZERO);

        assertDenied(scenario, Denial.ReplicationStillFlows.class);
    }

    @Test
    void rule7UnknownReadinessDenies() {
        Scenario scenario = new Scenario().votes(up(), up()).votesFor(SECOND.multipliedBy(4), down(), up());

        assertDenied(scenario, Denial.ReadinessUnknown.class);
    }

    @Test
    void rule7UnknownLagDenies() {
        Scenario scenario = new Scenario().lost();

        scenario.report(new Readiness(
                scenario.now(),
                Optional.of(Scenario.point(scenario.now().minusSeconds(10))),
                Optional.empty(),
                Optional.empty(),
                List.of()));

        assertDenied(scenario, Denial.LagUnknown.class);
    }

    @Test
    void rule7LossBeyondTheBudgetDenies() {
        Scenario scenario =
                new Scenario().votes(up(), up()).ready(Duration.ofSeconds(61)).pass(SECOND);
        scenario.votesFor(POLICY.holdTime(), down(), up());

        assertDenied(scenario, Denial.LossBeyondBudget.class);
    }

    @Test
    void rule7TheLossIsThatOfTheFirstVoteOfDownNotOfNow() {
        Scenario scenario =
                new Scenario().votes(up(), up()).ready(Duration.ofSeconds(50)).pass(SECOND);
        scenario.votesFor(Duration.ofSeconds(20), down(), up());

        assertThat(scenario.group().denials()).isEmpty();
    }

    @Test
    void noRecoveryPointDenies() {
        Scenario scenario = new Scenario().lost();

        scenario.report(new Readiness(
                scenario.now(), Optional.empty(), Optional.of(SECOND), Optional.empty(), List.of("no savepoint yet")));

        assertDenied(scenario, Denial.StandbyNotReady.class);
    }

    @Test
    void rule12CoolDownBlocksTheNextOneUntilItIsAcknowledged() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.finish("failover-1", new StepResult.Failed("a step ran out of time"));
        scenario.votesFor(POLICY.holdTime(), down(), up());

        assertDenied(scenario, Denial.CoolingDown.class);
        scenario.send(new ControlEvent.CoolDownAcknowledged(GROUP, "ada", "looked at it", List.of()));

        assertThat(scenario.decide("failover-2")).isEqualTo(new Reply.OperationBegun("failover-2"));
    }

    @Test
    void rule13NeverDuringARunningOperation() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();

        assertThat(scenario.decide("failover-2"))
                .isInstanceOfSatisfying(
                        Reply.Refused.class,
                        refused -> assertThat(refused.denials()).contains(new Denial.OperationRunning("failover-1")));
    }

    @Test
    void rule14FreezeDenies() {
        Scenario scenario = new Scenario().lost();

        scenario.send(new ControlEvent.FreezeChanged(GROUP, true, "ada", "maintenance", List.of()));

        assertDenied(scenario, Denial.Frozen.class);
    }

    @Test
    void rule11ADecisionOfAnOlderEpochIsRefused() {
        Scenario scenario = new Scenario().failedOver();

        Reply reply = scenario.send(new ControlEvent.OperationDecided(
                "late", Operation.FAILOVER, GROUP, Epoch.FIRST, "an old leader's", List.of("late")));

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.StaleEpoch(Epoch.FIRST, new Epoch(2)))));
        assertThat(scenario.evidence()).doesNotContain("late");
    }

    @Test
    void aDecisionProposedTwiceBeginsOneOperation() {
        Scenario scenario = new Scenario().lost();

        scenario.decide();
        Reply again = scenario.decide();

        assertThat(again).isEqualTo(new Reply.OperationBegun("failover-1"));
        assertThat(scenario.state().operations()).hasSize(1);
        assertThat(scenario.epoch()).isEqualTo(new Epoch(2));
    }

    private static void assertDenied(Scenario scenario, Class<? extends Denial> reason) {
        assertThat(scenario.group().denials()).hasAtLeastOneElementOfType(reason);
        assertThat(scenario.decide("denied")).isInstanceOfSatisfying(Reply.Refused.class, refused -> {
            assertThat(refused.denials()).hasAtLeastOneElementOfType(reason);
            assertThat(refused.denials())
                    .allSatisfy(denial -> assertThat(denial.message()).isNotBlank());
        });
    }
}
