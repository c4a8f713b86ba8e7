package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.up;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What persons may ask for of the controller nodes themselves. */
class NodeChangesTest {

    private final Scenario scenario = new Scenario().votes(up(), up());

    private Reply transfer(String node, Optional<String> region, String who) {
        return scenario.send(
                new ControlEvent.LeadTransferRequested(node, region, who, "storm", List.of(who + " wants " + node)));
    }

    @Test
    void theLeadGoesToANodeOutsideTheActiveRegionsAndThatIsLogged() {
        assertThat(transfer("west", Optional.of("west"), "ada")).isEqualTo(new Reply.Accepted());
        assertThat(transfer("witness", Optional.empty(), "ada")).isEqualTo(new Reply.Accepted());

        assertThat(scenario.evidence()).containsExactly("ada wants west", "ada wants witness");
    }

    @Test
    void theLeadDoesNotGoWhereItWouldNotStay() {
        Reply reply = transfer("east", Optional.of("east"), "ada");

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.LeadNotKept("east", "east"))));
        assertThat(scenario.evidence()).isEmpty();
    }

    @Test
    void theLeadDoesNotGoToANodeThatIsSilentOrUnknown() {
        scenario.pass(Vote.FRESH.plusMillis(1)).vote("west", up(), up());

        assertThat(transfer("witness", Optional.empty(), "ada"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.NodeSilent("witness"))));
        assertThat(transfer("north", Optional.empty(), "ada"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.UnknownNode("north"))));
    }

    @Test
    void rule13NothingIsHandedOverWhileAnOperationRuns() {
        scenario.ready(Duration.ofSeconds(1));
        assertThat(scenario.send(new ControlEvent.OperationRequested(
                        "op-1", Operation.FAILOVER, Scenario.GROUP, "ada", "storm", false, List.of())))
                .isEqualTo(new Reply.OperationBegun("op-1"));

        assertThat(transfer("witness", Optional.empty(), "ada"))
                .isEqualTo(new Reply.Refused(List.of(new Denial.OperationRunning("op-1"))));
    }

    @Test
    void rule17TheLeadIsHandedOverByName() {
        assertThat(transfer("witness", Optional.empty(), " "))
                .isEqualTo(new Reply.Refused(List.of(new Denial.NameAndReasonNeeded())));
    }

    private Reply change(String joins, String leaves, String leader) {
        return scenario.send(new ControlEvent.NodesChangeRequested(
                Optional.of(joins).filter(node -> !node.isEmpty()),
                Optional.of(leaves).filter(node -> !node.isEmpty()),
                leader,
                "ada",
                "storm",
                List.of("ada changes nodes")));
    }

    private static Reply refused(Denial... denials) {
        return new Reply.Refused(List.of(denials));
    }

    @Test
    void aDeadNodeIsReplacedAndThatIsLogged() {
        scenario.pass(Vote.FRESH.plusMillis(1)).vote("west", up(), up()).vote("east", up(), up());

        assertThat(change("witness-2", "witness", "west")).isEqualTo(new Reply.Accepted());

        assertThat(scenario.evidence()).containsExactly("ada changes nodes");
        assertThat(change("witness-2", "", "west")).isEqualTo(new Reply.Accepted());
    }

    @Test
    void theLeaderKeepsItsVoteUntilItHasHandedTheLeadOver() {
        assertThat(change("north", "west", "west")).isEqualTo(refused(new Denial.LeaderLeaves("west")));
    }

    @Test
    void whoVotesDoesNotJoinAndWhoDoesNotVoteDoesNotLeave() {
        assertThat(change("east", "", "west")).isEqualTo(refused(new Denial.NodeVotes("east")));
        assertThat(change("witness-2", "north", "west")).isEqualTo(refused(new Denial.UnknownNode("north")));
    }

    @Test
    void aMajorityOfThoseThatVoteThenIsHeardFrom() {
        scenario.pass(Vote.FRESH.plusMillis(1)).vote("west", up(), up());

        assertThat(change("", "witness", "west"))
                .isEqualTo(refused(new Denial.MajorityNotHeard(1, 2), new Denial.TooFewNodes(2)));
        assertThat(change("north", "", "west")).isEqualTo(refused(new Denial.MajorityNotHeard(2, 3)));
    }

    @Test
    void rule3AnAutomaticGroupIsNotLeftWithTwoNodes() {
        assertThat(change("", "witness", "west")).isEqualTo(refused(new Denial.TooFewNodes(2)));
    }
}
