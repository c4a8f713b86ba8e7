package io.breakwater.controller.core;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.breakwater.platform.AssetId;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Policy;
import io.breakwater.platform.RecoveryPoint;
import io.breakwater.platform.ReplicaPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** A control state with the means to tell its story: two regions, three nodes, one group in automatic mode. */
final class Scenario {

    static final String GROUP = "flights";
    static final List<String> NODES = List.of("east", "west", "witness");
    private static final RegionVerdict UP =
            RegionVerdict.of(Verdict.UP, List.of(), List.of("kafka", "object-store", "flink"));
    private static final RegionVerdict DOWN = down("kafka", "object-store", "flink");
    static final Policy POLICY = new Policy(
            Policy.Mode.automatic,
            Duration.ofSeconds(3),
            Duration.ofSeconds(6),
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            Duration.ofMinutes(1));

    private final List<Effect> effects = new ArrayList<>();
    private final List<String> evidence = new ArrayList<>();
    private ControlState state = ControlState.EMPTY;
    private Instant now = Instant.parse("2026-11-22T09:00:00Z");

    Scenario() {
        this(POLICY, NODES);
    }

    Scenario(Policy policy, List<String> nodes) {
        this(settings(policy, nodes));
    }

    Scenario(Settings settings) {
        send(new ControlEvent.PlatformAdopted(settings));
    }

    static Settings settings(Policy policy, List<String> nodes) {
        return new Settings(nodes, new TreeMap<>(Map.of(GROUP, new GroupSettings("east", "west", policy))));
    }

    Reply send(ControlEvent event) {
        Transition transition = ControlMachine.step(state, event, now);
        state = transition.state();
        effects.addAll(transition.effects());
        evidence.addAll(transition.evidence());
        return transition.reply();
    }

    Scenario pass(Duration time) {
        now = now.plus(time);
        return this;
    }

    Scenario vote(String node, RegionVerdict east, RegionVerdict west) {
        send(ControlEvent.VerdictVoted.of(node, Map.of("east", east, "west", west)));
        return this;
    }

    /** All nodes vote the same. */
    Scenario votes(RegionVerdict east, RegionVerdict west) {
        NODES.forEach(node -> vote(node, east, west));
        return this;
    }

    /** The same votes each second. */
    Scenario votesFor(Duration time, RegionVerdict east, RegionVerdict west) {
        for (long second = 0; second < time.toSeconds(); second++) {
            votes(east, west).pass(Duration.ofSeconds(1));
        }
        return votes(east, west);
    }

    static RegionVerdict up() {
        return UP;
    }

    static RegionVerdict down() {
        return DOWN;
    }

    static RegionVerdict down(String... classes) {
        return RegionVerdict.of(Verdict.DOWN, List.of(classes), List.of());
    }

    static RegionVerdict unknown() {
        return RegionVerdict.of(Verdict.UNKNOWN, List.of("kafka", "flink"), List.of());
    }

    /** The standby reports a recovery point of the given age. */
    Scenario ready(Duration age) {
        return report(new Readiness(
                now, Optional.of(point(now.minus(age))), Optional.of(age), Optional.of(now.minus(age)), List.of()));
    }

    Scenario report(Readiness readiness) {
        send(new ControlEvent.ReadinessReported(GROUP, group().epoch(), readiness));
        return this;
    }

    static RecoveryPoint point(Instant sourceTime) {
        OffsetVector cut = new OffsetVector(Map.of(new PartitionKey("flights.events", 0), 100L));
        return new RecoveryPoint(
                GROUP,
                new Flow("east", "west"),
                sourceTime,
                cut,
                new TreeMap<>(Map.of(
                        new AssetId("delta-table", "flights"),
                        ReplicaPosition.ofWriter(sourceTime, cut, sourceTime.toString(), "s3://lake-west/flights"))));
    }

    /** Up for a while, ready, then down for the hold time: everything for an automatic failover. */
    Scenario lost() {
        votes(up(), up()).renew("east").ready(Duration.ofSeconds(10));
        pass(Duration.ofSeconds(1)).votesFor(POLICY.holdTime(), down(), up());
        return this;
    }

    Scenario renew(String region) {
        renewal(region);
        return this;
    }

    Reply.GroupLease renewal(String region) {
        Reply reply = send(new ControlEvent.LeaseRenewal(
                region, region + "-1", UUID.randomUUID().toString()));
        return ((Reply.LeaseAnswer) reply).groups().get(0);
    }

    Reply decide() {
        return decide("failover-1");
    }

    Reply decide(String id) {
        return send(new ControlEvent.OperationDecided(
                id, Operation.FAILOVER, GROUP, group().epoch(), "east is DOWN", List.of("decided " + id)));
    }

    Reply request(String id, String who, String why) {
        return send(new ControlEvent.OperationRequested(id, Operation.FAILOVER, GROUP, who, why, false, List.of()));
    }

    Reply lapse() {
        return send(new ControlEvent.LeaseLapsed(
                GROUP, group().epoch(), group().lease().renewalIndex()));
    }

    Reply pointOfNoReturn(String operation) {
        return send(new ControlEvent.PointOfNoReturnPassed(operation, group().epoch()));
    }

    Reply open(Gate gate) {
        return send(new ControlEvent.GateOpened(GROUP, group().epoch(), gate));
    }

    Reply finish(String operation, StepResult result) {
        return send(new ControlEvent.OperationFinished(operation, group().epoch(), result, List.of()));
    }

    Reply beginStep(String operation, String step) {
        return send(new ControlEvent.StepBegan(
                operation, group().epoch(), step, operation(operation).attempts(step) + 1));
    }

    Reply endStep(String operation, String step, StepResult result) {
        return send(new ControlEvent.StepEnded(
                operation,
                group().epoch(),
                step,
                operation(operation).attempts(step),
                result,
                JsonNodeFactory.instance.objectNode().put("n", 1),
                List.of()));
    }

    /** From a lost region to the end of its failover. */
    Scenario failedOver() {
        lost().decide();
        pass(Duration.ofSeconds(3)).lapse();
        endSegment("failover-1");
        pointOfNoReturn("failover-1");
        open(Gate.pipeline);
        open(Gate.ingress);
        finish("failover-1", new StepResult.Succeeded());
        return this;
    }

    /** The flow of an operation was fenced: it has brought 10 records more. */
    Reply endSegment(String operation) {
        Operation moving = operation(operation);
        return send(
                new ControlEvent.SegmentEnded(operation, group().epoch(), SegmentStory.ended(group(), moving.flow())));
    }

    /** The flow of the group begins behind 3 records that only its target has. */
    Reply beginSegment() {
        return send(new ControlEvent.SegmentBegun(
                GROUP, SegmentStory.begun(group()), new TreeMap<>(), List.of("flow begun")));
    }

    /** Failed over, the old region back, its ledger made and the reverse flow running, with nothing behind. */
    Scenario flowsBack() {
        failedOver().votes(up(), up());
        Proposals.due(state, now, new LeaderFacts(state.settings(), Map.of())).forEach(this::send);
        finish("ledger-flights-2", new StepResult.Succeeded());
        beginSegment();
        send(new ControlEvent.FlowStarted(GROUP, group().epoch()));
        return votes(up(), up()).renew("west").ready(Duration.ofSeconds(1));
    }

    Reply failback(String id) {
        return send(new ControlEvent.OperationRequested(
                id, Operation.FAILBACK, GROUP, "ada", "east is well again", false, List.of()));
    }

    GroupState group() {
        return state.group(GROUP).orElseThrow();
    }

    Operation operation(String id) {
        return state.operation(id).orElseThrow();
    }

    Epoch epoch() {
        return group().epoch();
    }

    ControlState state() {
        return state;
    }

    Instant now() {
        return now;
    }

    List<Effect> effects() {
        return effects;
    }

    List<String> evidence() {
        return evidence;
    }
}
