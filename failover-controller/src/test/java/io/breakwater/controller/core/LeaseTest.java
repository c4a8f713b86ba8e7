package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.GROUP;
import static io.breakwater.controller.core.Scenario.POLICY;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeaseTest {

    @Test
    void theActiveRegionIsOpenAndTheStandbyClosed() {
        Scenario scenario = new Scenario();

        assertThat(scenario.renewal("east"))
                .isEqualTo(new Reply.GroupLease(GROUP, true, Epoch.FIRST, true, true, 6000));
        assertThat(scenario.renewal("west"))
                .isEqualTo(new Reply.GroupLease(GROUP, false, Epoch.FIRST, false, false, 6000));
    }

    @Test
    void rule9RenewalsEndWhenAFailoverBegins() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();

        Reply.GroupLease answer = scenario.renewal("east");

        assertThat(answer).isEqualTo(new Reply.GroupLease(GROUP, false, new Epoch(2), false, false, 6000));
    }

    @Test
    void rule10NoPointOfNoReturnBeforeTheLeaseLapsed() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();

        Reply reply = scenario.pointOfNoReturn("failover-1");

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.LeaseNotLapsed(1))));
        assertThat(scenario.group().active()).isEqualTo("east");
    }

    @Test
    void noPointOfNoReturnBeforeTheEndOfTheFlowIsRecorded() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.lapse();

        assertThat(scenario.pointOfNoReturn("failover-1"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.FlowEndNotRecorded(new Flow("east", "west")))));
        scenario.endSegment("failover-1");
        assertThat(scenario.pointOfNoReturn("failover-1").isRefused()).isFalse();
    }

    @Test
    void aLapseIsIgnoredWhenANewerRenewalStands() {
        Scenario scenario = new Scenario().lost().renew("east");
        scenario.decide();

        Reply reply = scenario.send(new ControlEvent.LeaseLapsed(GROUP, new Epoch(2), 1));

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.NewerRenewalStands(1, 2))));
        assertThat(scenario.group().lease().lapsed()).isFalse();
    }

    @Test
    void aLapseWithoutAFailoverIsRefused() {
        Scenario scenario = new Scenario().renew("east");

        assertThat(scenario.lapse()).isEqualTo(new Reply.Refused(List.of(new Denial.NoMoveRunning(GROUP))));
    }

    @Test
    void noRenewalAfterTheLapse() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.lapse();

        assertThat(scenario.renewal("east").ingress()).isFalse();
        assertThat(scenario.group().lease().renewalIndex()).isEqualTo(1);
    }

    @Test
    void theLeaderProposesTheLapseOnlyAfterLeaseAndMarginOnItsOwnClock() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        Duration needed = POLICY.lease().plus(POLICY.leaseMargin());

        assertThat(due(scenario, needed.minusMillis(1))).isEmpty();
        assertThat(due(scenario, needed)).containsExactly(new ControlEvent.LeaseLapsed(GROUP, new Epoch(2), 1));
    }

    @Test
    void thePromotedRegionOpensPipelineThenIngress() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.lapse();

        assertThat(scenario.open(Gate.pipeline))
                .isEqualTo(new Reply.Refused(List.of(new Denial.ReturnStillPossible("failover-1"))));
        scenario.endSegment("failover-1");
        scenario.pointOfNoReturn("failover-1");
        assertThat(scenario.renewal("west").pipeline()).isFalse();
        assertThat(scenario.open(Gate.ingress)).isEqualTo(new Reply.Refused(List.of(new Denial.PipelineClosed(GROUP))));
        scenario.open(Gate.pipeline);
        assertThat(scenario.renewal("west"))
                .isEqualTo(new Reply.GroupLease(GROUP, true, new Epoch(2), false, true, 6000));
        scenario.open(Gate.ingress);
        assertThat(scenario.renewal("west"))
                .isEqualTo(new Reply.GroupLease(GROUP, true, new Epoch(2), true, true, 6000));
        assertThat(scenario.renewal("east").active()).isFalse();
    }

    @Test
    void timeNeverGoesBack() {
        Scenario scenario = new Scenario().pass(Duration.ofSeconds(10)).renew("east");

        scenario.pass(Duration.ofSeconds(-8)).renew("east");

        assertThat(scenario.state().now()).isEqualTo(scenario.now().plusSeconds(8));
    }

    private static List<ControlEvent> due(Scenario scenario, Duration quiet) {
        return Proposals.due(
                scenario.state(),
                scenario.now(),
                new LeaderFacts(scenario.state().settings(), Map.of(GROUP, quiet)));
    }
}
