package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.GROUP;
import static io.breakwater.controller.core.Scenario.down;
import static io.breakwater.controller.core.Scenario.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.Segment;
import io.breakwater.platform.Segment.Range;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The reverse flow and the way home. */
class FailbackTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Flow BACK = new Flow("west", "east");

    @Test
    void theReverseFlowIsDueOnceTheLedgerIsMade() {
        Scenario scenario = new Scenario().failedOver().votes(up(), up());
        assertThat(ControlMachine.outstanding(scenario.state())).isEmpty();
        Proposals.due(
                        scenario.state(),
                        scenario.now(),
                        new LeaderFacts(scenario.state().settings(), Map.of()))
                .forEach(scenario::send);

        scenario.finish("ledger-flights-2", new StepResult.Succeeded());

        assertThat(ControlMachine.outstanding(scenario.state()))
                .containsExactly(new Effect.StartFlow(GROUP, BACK, new Epoch(2)));
    }

    @Test
    void aFlowIsNotToldToRunWhileAnOperationIsAboutToFenceIt() {
        Scenario scenario = new Scenario().lost();
        assertThat(scenario.group().flowPending()).isTrue();

        scenario.decide();

        assertThat(ControlMachine.outstanding(scenario.state()))
                .containsExactly(new Effect.RunOperation("failover-1", GROUP, new Epoch(2)));
    }

    @Test
    void theReverseFlowBeginsOnce() {
        Scenario scenario = new Scenario().flowsBack();

        Reply other = scenario.send(new ControlEvent.SegmentBegun(
                GROUP,
                new Segment(new Epoch(2), BACK, true, Optional.empty(), new TreeMap<>(), new TreeMap<>()),
                new TreeMap<>(),
                List.of("again")));

        assertThat(other).isInstanceOf(Reply.Refused.class);
        assertThat(scenario.group().segments().open(BACK).flatMap(s -> s.range(SegmentStory.PARTITION)))
                .contains(Range.openFrom(10, 13));
        assertThat(scenario.evidence()).contains("flow begun").doesNotContain("again");
    }

    @Test
    void aSegmentOfAnotherFlowOrEpochDoesNotBegin() {
        Scenario scenario = new Scenario().failedOver();
        TreeMap<String, String> none = new TreeMap<>();
        Segment stale = new Segment(Epoch.FIRST, BACK, true, Optional.empty(), none, new TreeMap<>());
        Segment forth = new Segment(new Epoch(2), BACK.reversed(), true, Optional.empty(), none, new TreeMap<>());

        assertThat(scenario.send(new ControlEvent.SegmentBegun(GROUP, stale, new TreeMap<>(), List.of())))
                .isInstanceOf(Reply.Refused.class);
        assertThat(scenario.send(new ControlEvent.SegmentBegun(GROUP, forth, new TreeMap<>(), List.of())))
                .isInstanceOf(Reply.Refused.class);
        assertThat(scenario.group().segments().segments()).hasSize(1);
    }

    @Test
    void givesTheActiveRoleBackAndTheForwardFlowBeginsBehindIt() {
        Scenario scenario = new Scenario().flowsBack();

        assertThat(scenario.failback("back-1")).isEqualTo(new Reply.OperationBegun("back-1"));
        assertThat(scenario.renewal("west").active()).isFalse();
        scenario.lapse();
        scenario.endSegment("back-1");
        scenario.pointOfNoReturn("back-1");
        scenario.open(Gate.pipeline);
        scenario.open(Gate.ingress);
        scenario.finish("back-1", new StepResult.Succeeded());
        scenario.votes(up(), up());
        Proposals.due(
                        scenario.state(),
                        scenario.now(),
                        new LeaderFacts(scenario.state().settings(), Map.of()))
                .forEach(scenario::send);
        scenario.finish("ledger-flights-3", new StepResult.Succeeded());
        scenario.beginSegment();

        assertThat(scenario.group().active()).isEqualTo("east");
        assertThat(scenario.epoch()).isEqualTo(new Epoch(3));
        assertThat(scenario.renewal("east").ingress()).isTrue();
        assertThat(scenario.group().segments().segments())
                .extracting(segment -> segment.range(SegmentStory.PARTITION).orElseThrow())
                .containsExactly(Range.closed(0, 10, 0, 10), Range.closed(10, 20, 13, 23), Range.openFrom(23, 23));
    }

    @Test
    void rule15UndoneItLeavesTheRegionActiveAndItsFlowRunning() {
        Scenario scenario = new Scenario().flowsBack();
        scenario.failback("back-1");
        scenario.lapse();
        scenario.endSegment("back-1");

        scenario.finish("back-1", new StepResult.Failed("the mirror did not catch up"));

        assertThat(scenario.group().active()).isEqualTo("west");
        assertThat(scenario.epoch()).isEqualTo(new Epoch(4));
        Reply.GroupLease lease = scenario.renewal("west");
        assertThat(lease.active() && lease.ingress() && lease.pipeline()).isTrue();
        assertThat(scenario.group().segments().open(BACK)).map(Segment::epoch).contains(new Epoch(2));
        assertThat(ControlMachine.outstanding(scenario.state()))
                .containsExactly(new Effect.StartFlow(GROUP, BACK, new Epoch(4)));
    }

    @Test
    void aSegmentDoesNotEndAfterThePointOfNoReturn() {
        Scenario scenario = new Scenario().flowsBack();
        scenario.failback("back-1");
        scenario.lapse();
        scenario.endSegment("back-1");
        scenario.pointOfNoReturn("back-1");

        assertThat(scenario.endSegment("back-1"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.ReturnImpossible("back-1"))));
    }

    @Test
    void rule15AFailedPreCheckLeavesEverythingAsItWas() {
        assertDenied(new Scenario().votes(up(), up()).ready(SECOND), Denial.AlreadyHome.class);
        assertDenied(new Scenario().flowsBack().votes(up(), down()), Denial.ActiveNotUp.class);
        assertDenied(new Scenario().flowsBack().votes(down(), up()), Denial.StandbyNotUp.class);
        assertDenied(new Scenario().failedOver().votes(up(), up()), Denial.FlowNotBegun.class);
        assertDenied(new Scenario().flowsBack().ready(Duration.ofSeconds(31)), Denial.LagTooLong.class);
        assertDenied(
                new Scenario().flowsBack().pass(Readiness.FRESH.plus(SECOND)).votes(up(), up()),
                Denial.ReadinessUnknown.class);
    }

    @Test
    void rule13NeverDuringARunningOperation() {
        Scenario scenario = new Scenario().flowsBack();
        scenario.failback("back-1");

        assertDenied(scenario, Denial.OperationRunning.class);
    }

    @Test
    void rule17NeedsANameAndAReason() {
        Scenario scenario = new Scenario().flowsBack();

        Reply reply = scenario.send(
                new ControlEvent.OperationRequested("back-1", Operation.FAILBACK, GROUP, "ada", " ", false, List.of()));

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.NameAndReasonNeeded())));
    }

    @Test
    void isNeverDecidedByItself() {
        Scenario scenario = new Scenario().flowsBack();

        Reply reply = scenario.send(new ControlEvent.OperationDecided(
                "back-1", Operation.FAILBACK, GROUP, scenario.epoch(), "because", List.of()));

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.UnknownKind(Operation.FAILBACK))));
    }

    private static void assertDenied(Scenario scenario, Class<? extends Denial> reason) {
        GroupState before = scenario.group();

        Reply reply = scenario.failback("denied");

        assertThat(reply).isInstanceOfSatisfying(Reply.Refused.class, refused -> {
            assertThat(refused.denials()).hasAtLeastOneElementOfType(reason);
            assertThat(refused.denials())
                    .allSatisfy(denial -> assertThat(denial.message()).isNotBlank());
        });
        assertThat(scenario.group()).isEqualTo(before);
    }
}
