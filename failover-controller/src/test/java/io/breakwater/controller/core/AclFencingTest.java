package io.breakwater.controller.core;

import static io.breakwater.controller.core.Scenario.GROUP;
import static io.breakwater.controller.core.Scenario.NODES;
import static io.breakwater.controller.core.Scenario.POLICY;
import static io.breakwater.controller.core.Scenario.down;
import static io.breakwater.controller.core.Scenario.up;
import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A group whose home holds no lease: ACLs close it, and nothing else does. */
class AclFencingTest {

    private static final FenceState CONFIRMED = FenceState.confirmed(List.of(1, 2));
    private static final FenceState UNREACHED = FenceState.notConfirmed("Kafka of east does not answer");

    @Test
    void rule10ALostRegionThatOnlyAclsCloseIsNotLeftAutomatically() {
        Scenario scenario = lost(Policy.Mode.automatic, false);

        Reply reply = scenario.decide();

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.FencedByAcls("east"))));
        assertThat(scenario.group().denials()).containsExactly(new Denial.FencedByAcls("east"));
        assertThat(due(scenario)).isEmpty();
        assertThat(scenario.group().epoch()).isEqualTo(Epoch.FIRST);
    }

    @Test
    void inAdvisoryModeItIsProposedToAPerson() {
        Scenario scenario = lost(Policy.Mode.advisory, false);

        assertThat(due(scenario)).hasSize(1);
        assertThat(scenario.decide()).isEqualTo(new Reply.AwaitsApproval("failover-1"));
    }

    @Test
    void noTimeThatPassesClosesARegionWithoutALease() {
        Scenario scenario = leaving(false);
        scenario.pass(Duration.ofHours(1));

        assertThat(due(scenario)).noneMatch(ControlEvent.LeaseLapsed.class::isInstance);
        assertThat(scenario.lapse()).isEqualTo(notConfirmed());
        scenario.endSegment("manual-1");
        assertThat(scenario.pointOfNoReturn("manual-1")).isEqualTo(notConfirmed());
    }

    @Test
    void onlyAConfirmedFenceLetsThePromotionGoOn() {
        Scenario scenario = leaving(false);
        scenario.endSegment("manual-1");

        assertThat(report(scenario, "east", UNREACHED).isRefused()).isFalse();
        assertThat(scenario.pointOfNoReturn("manual-1")).isEqualTo(notConfirmed());
        assertThat(report(scenario, "east", CONFIRMED).isRefused()).isFalse();
        assertThat(scenario.pointOfNoReturn("manual-1").isRefused()).isFalse();

        assertThat(scenario.group().active()).isEqualTo("west");
        assertThat(scenario.group().fences()).containsEntry("east", CONFIRMED);
        assertThat(scenario.evidence()).containsExactly("fence east");
        assertThat(report(scenario, "east", CONFIRMED).isRefused()).isFalse();
        assertThat(scenario.evidence()).hasSize(1);
    }

    @Test
    void theRegionThatServesIsNotClosedAndAnOldConfirmationIsNone() {
        Scenario scenario = aclsCloseHome(Policy.Mode.automatic, false);
        Epoch before = scenario.epoch();
        assertThat(report(scenario, "east", CONFIRMED))
                .isEqualTo(new Reply.Refused(List.of(new Denial.RegionIsOpen(GROUP, "east"))));
        assertThat(report(scenario, "west", CONFIRMED))
                .isEqualTo(new Reply.Refused(List.of(new Denial.NotFencedByAcls(GROUP, "west"))));

        Scenario leaving = leaving(false);

        assertThat(leaving.send(
                        new ControlEvent.FenceReported(GROUP, before, "east", CONFIRMED, List.of("fence east"))))
                .isEqualTo(new Reply.Refused(List.of(new Denial.StaleEpoch(before, new Epoch(2)))));
        assertThat(leaving.group().lease().lapsed()).isFalse();
    }

    @Test
    void thePersonWhoAskedMayAnswerForARegionThatNobodyReaches() {
        Scenario scenario = leaving(false);
        report(scenario, "east", UNREACHED);
        assertThat(waive(scenario)).isEqualTo(notConfirmed());
        scenario.beginStep("manual-1", Operation.CLOSES);

        assertThat(approve(scenario, "ada").isRefused()).isFalse();
        assertThat(waive(scenario).isRefused()).isFalse();

        assertThat(scenario.evidence()).containsExactly("ada answers", "waived");
        scenario.endSegment("manual-1");
        assertThat(scenario.pointOfNoReturn("manual-1").isRefused()).isFalse();
    }

    @Test
    void whereThePolicyWantsTwoPersonsAnotherOneAnswersForIt() {
        Scenario scenario = leaving(true);
        scenario.beginStep("manual-1", Operation.CLOSES);
        String asked = scenario.operation("manual-1").requestedBy();

        assertThat(approve(scenario, asked)).isEqualTo(new Reply.Refused(List.of(new Denial.SamePerson(asked))));
        assertThat(approve(scenario, "hedy").isRefused()).isFalse();
    }

    @Test
    void aRegionThatHoldsALeaseIsNotWaived() {
        Scenario scenario = new Scenario().lost();
        scenario.decide();
        scenario.beginStep("failover-1", Operation.CLOSES);
        scenario.send(new ControlEvent.StepApproved(
                "failover-1", scenario.epoch(), Operation.CLOSES, "ada", "it is off", List.of()));

        Reply reply = scenario.send(
                new ControlEvent.FenceWaived("failover-1", scenario.epoch(), Operation.CLOSES, List.of()));

        assertThat(reply).isEqualTo(new Reply.Refused(List.of(new Denial.NotFencedByAcls(GROUP, "east"))));
        assertThat(scenario.group().lease().lapsed()).isFalse();
    }

    @Test
    void noLedgerIsMadeOfARegionThatIsNotKnownToBeClosed() {
        Scenario scenario = waived();
        scenario.votes(up(), up());
        assertThat(due(scenario)).isEmpty();

        report(scenario, "east", CONFIRMED);

        assertThat(due(scenario)).hasSize(1).first().isInstanceOf(ControlEvent.OperationDecided.class);
    }

    @Test
    void anUndoneOperationForgetsItsFenceAndTheRegionIsOpenedAgain() {
        Scenario scenario = leaving(false);
        report(scenario, "east", CONFIRMED);
        assertThat(scenario.send(lifted(scenario)))
                .isEqualTo(new Reply.Refused(List.of(new Denial.RegionIsClosed(GROUP, "east"))));
        scenario.beginStep("manual-1", "fence-mirror");
        scenario.endStep("manual-1", "fence-mirror", new StepResult.Failed("no"));

        scenario.finish("manual-1", new StepResult.Failed("no"));

        assertThat(scenario.group().fences()).isEmpty();
        assertThat(scenario.group().lease().lapsed()).isFalse();
        assertThat(scenario.send(lifted(scenario)).isRefused()).isFalse();
    }

    @Test
    void theStateIsReadAsItWasWrittenAndAnOlderOneToo() throws IOException {
        Scenario scenario = waived();
        report(scenario, "east", CONFIRMED);

        String text = Json.MAPPER.writeValueAsString(scenario.state());

        assertThat(Json.MAPPER.readValue(text, ControlState.class)).isEqualTo(scenario.state());
        String older = text.replaceAll(",\"fencedByAcls\":\\[[^]]*]", "").replaceAll("\"fences\":\\{.*?}},", "");
        assertThat(older).doesNotContain("fencedByAcls", "fences");
        ControlState read = Json.MAPPER.readValue(older, ControlState.class);
        assertThat(read.group(GROUP).orElseThrow().fences()).isEmpty();
        assertThat(Objects.requireNonNull(read.settings().groups().get(GROUP)).fencedByAcls())
                .isEmpty();
    }

    /** The whole story as a person reads it, in {@code acl-fenced-failover.txt}. */
    @Test
    void theGoldenTraceOfAFailoverFromARegionThatAclsClose() throws IOException {
        List<String> trace = new ArrayList<>();
        Scenario scenario = lost(Policy.Mode.automatic, false);
        trace.add(line(scenario, "the leader decides by itself", scenario.decide()));
        trace.add(line(scenario, "ada asks for a failover", scenario.request("manual-1", "ada", "east is lost")));
        trace.add(line(scenario, "an hour passes, the lease is said to have lapsed", pass(scenario)));
        scenario.beginStep("manual-1", Operation.CLOSES);
        trace.add(line(scenario, "Kafka of east does not answer", report(scenario, "east", UNREACHED)));
        scenario.endSegment("manual-1");
        trace.add(line(scenario, "point of no return", scenario.pointOfNoReturn("manual-1")));
        trace.add(line(scenario, "the leader waives the fence", waive(scenario)));
        trace.add(line(scenario, "ada answers for it", approve(scenario, "ada")));
        trace.add(line(scenario, "the leader waives the fence", waive(scenario)));
        scenario.endStep("manual-1", Operation.CLOSES, new StepResult.Succeeded());
        trace.add(line(scenario, "point of no return", scenario.pointOfNoReturn("manual-1")));
        scenario.open(Gate.pipeline);
        trace.add(line(scenario, "ingress opens", scenario.open(Gate.ingress)));
        scenario.finish("manual-1", new StepResult.Succeeded());
        scenario.votes(up(), up());
        trace.add(line(scenario, "east is back and still open", report(scenario, "east", UNREACHED)));
        trace.add("due: " + due(scenario).size());
        trace.add(line(scenario, "every broker of east refuses", report(scenario, "east", CONFIRMED)));
        trace.add("due: "
                + due(scenario).stream()
                        .map(event -> ((ControlEvent.OperationDecided) event).kind())
                        .toList());

        try (InputStream golden =
                Objects.requireNonNull(AclFencingTest.class.getResourceAsStream("acl-fenced-failover.txt"))) {
            assertThat(String.join("\n", trace) + "\n")
                    .isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static Reply pass(Scenario scenario) {
        scenario.pass(Duration.ofHours(1)).votes(down(), up());
        return scenario.lapse();
    }

    private static String line(Scenario scenario, String what, Reply reply) {
        GroupState group = scenario.group();
        String said = reply instanceof Reply.Refused refused
                ? "refused: "
                        + String.join(
                                "; ",
                                refused.denials().stream().map(Denial::message).toList())
                : "accepted";
        String fences = String.join(
                ", ",
                group.fences().entrySet().stream()
                        .map(fence ->
                                fence.getKey() + " " + (fence.getValue().confirmed() ? "confirmed" : "not confirmed"))
                        .toList());
        return what + "\n  " + said + "\n  active " + group.active() + ", epoch " + group.epoch() + ", closed "
                + group.lease().lapsed() + ", ingress " + group.gates().ingress() + ", fences [" + fences + "]";
    }

    private static Scenario aclsCloseHome(Policy.Mode mode, boolean twoPersons) {
        Policy policy = new Policy(
                mode,
                POLICY.holdTime(),
                POLICY.lease(),
                POLICY.leaseMargin(),
                POLICY.coolDown(),
                POLICY.maxLoss(),
                twoPersons);
        GroupSettings group = new GroupSettings("east", "west", policy, new TreeSet<>(List.of("east")));
        return new Scenario(new Settings(NODES, new TreeMap<>(Map.of(GROUP, group))));
    }

    private static Scenario lost(Policy.Mode mode, boolean twoPersons) {
        return aclsCloseHome(mode, twoPersons).lost();
    }

    /** A failover that ada has asked for runs. */
    private static Scenario leaving(boolean twoPersons) {
        Scenario scenario = lost(Policy.Mode.automatic, twoPersons);
        scenario.request("manual-1", "ada", "east is lost");
        if (twoPersons) {
            scenario.send(new ControlEvent.OperationApproved("manual-1", GROUP, "grace", "so it is", List.of()));
        }
        assertThat(scenario.group().operation()).contains("manual-1");
        return scenario;
    }

    /** A failover that went on because ada answered for east has ended. */
    private static Scenario waived() {
        Scenario scenario = leaving(false);
        scenario.beginStep("manual-1", Operation.CLOSES);
        approve(scenario, "ada");
        waive(scenario);
        scenario.endStep("manual-1", Operation.CLOSES, new StepResult.Succeeded());
        scenario.endSegment("manual-1");
        scenario.pointOfNoReturn("manual-1");
        scenario.open(Gate.pipeline);
        scenario.open(Gate.ingress);
        assertThat(scenario.finish("manual-1", new StepResult.Succeeded()).isRefused())
                .isFalse();
        return scenario;
    }

    private static Reply report(Scenario scenario, String region, FenceState fence) {
        return scenario.send(new ControlEvent.FenceReported(
                GROUP, scenario.epoch(), region, fence, fence.confirmed() ? List.of("fence " + region) : List.of()));
    }

    private static Reply approve(Scenario scenario, String who) {
        return scenario.send(new ControlEvent.StepApproved(
                "manual-1", scenario.epoch(), Operation.CLOSES, who, "it is off", List.of(who + " answers")));
    }

    private static Reply waive(Scenario scenario) {
        return scenario.send(
                new ControlEvent.FenceWaived("manual-1", scenario.epoch(), Operation.CLOSES, List.of("waived")));
    }

    private static ControlEvent lifted(Scenario scenario) {
        return new ControlEvent.FenceLifted(GROUP, scenario.epoch(), "east", List.of("opened"));
    }

    private static Reply.Refused notConfirmed() {
        return new Reply.Refused(List.of(new Denial.FenceNotConfirmed("east")));
    }

    private static List<ControlEvent> due(Scenario scenario) {
        return Proposals.due(
                scenario.state(),
                scenario.now(),
                new LeaderFacts(scenario.state().settings(), Map.of(GROUP, Duration.ofHours(2))));
    }
}
