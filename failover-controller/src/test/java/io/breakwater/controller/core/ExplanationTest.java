package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.down;
import static io.breakwater.controller.core.Scenario.up;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplanationTest {

    @Test
    void aLostRegionHasEachRuleHoldAndNothingAgainstAFailover() {
        Explanation explanation = Explanation.of(new Scenario().lost().state(), "east");

        assertThat(explanation.verdict()).isEqualTo(Verdict.DOWN);
        assertThat(holding(explanation))
                .containsExactly("majority", "two signal classes", "hold time", "replication is silent");
        assertThat(explanation.groups().get(0).denials()).isEmpty();
    }

    @Test
    void oneClassAloneIsNotEnough() {
        Scenario scenario = new Scenario().votes(up(), up());

        Explanation explanation = Explanation.of(
                scenario.votesFor(Duration.ofSeconds(5), down("kafka"), up()).state(), "east");

        assertThat(explanation.verdict()).isEqualTo(Verdict.DOWN);
        assertThat(holding(explanation)).containsExactly("majority", "replication is silent");
        assertThat(rule(explanation, "two signal classes").text())
                .isEqualTo("0 of 3 nodes rest that on 2 classes or more, 2 are needed");
    }

    @Test
    void theHoldTimeIsNamedWhileItRuns() {
        Scenario scenario = new Scenario().votes(up(), up());

        Explanation explanation = Explanation.of(
                scenario.votesFor(Duration.ofSeconds(1), down(), up()).state(), "east");

        assertThat(rule(explanation, "hold time").holds()).isFalse();
        assertThat(rule(explanation, "two signal classes").holds()).isTrue();
    }

    @Test
    void replicationThatStillFlowsSpeaksAgainstIt() {
        Scenario scenario = new Scenario().lost().ready(Duration.ZERO);

        Explanation.Rule rule = rule(Explanation.of(scenario.state(), "east"), "replication is silent");

        assertThat(rule.holds()).isFalse();
        assertThat(rule.number()).isEqualTo(5);
        assertThat(rule.text()).contains("still arrived");
    }

    @Test
    void anObserverThatFellSilentIsUnknownHoweverItVotedBefore() {
        Scenario scenario = new Scenario().votes(down(), up()).pass(Vote.FRESH.plusSeconds(2));
        scenario.vote("west", down(), up());

        Explanation explanation = Explanation.of(scenario.state(), "east");

        assertThat(explanation.observers())
                .extracting(Explanation.Observer::vote)
                .containsExactly(Verdict.UNKNOWN, Verdict.DOWN, Verdict.UNKNOWN);
        assertThat(explanation.observers().get(0).silentFor()).contains(Duration.ofSeconds(7));
        assertThat(explanation.observers().get(0).downSince()).isEmpty();
    }

    @Test
    void ofARegionInWhichNoGroupIsActiveNothingFollows() {
        assertThat(Explanation.of(new Scenario().lost().state(), "west").groups())
                .isEmpty();
    }

    private static List<String> holding(Explanation explanation) {
        return explanation.groups().get(0).rules().stream()
                .filter(Explanation.Rule::holds)
                .map(Explanation.Rule::name)
                .toList();
    }

    private static Explanation.Rule rule(Explanation explanation, String name) {
        return explanation.groups().get(0).rules().stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
