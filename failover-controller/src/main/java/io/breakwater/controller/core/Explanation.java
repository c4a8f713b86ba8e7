package io.breakwater.controller.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Why a region has the verdict that it has, and what follows from it for the groups that are active there: each rule
 * with whether it holds.
 *
 * @param observers one for each node that votes, by id
 * @param groups those whose active region it is
 * @param left those that have left it
 */
public record Explanation(
        String region,
        Verdict verdict,
        List<Observer> observers,
        List<OfGroup> groups,
        List<Left> left,
        List<Fence> fences) {

    /**
     * What one node says.
     *
     * @param vote UNKNOWN if it has not voted for longer than {@link Vote#FRESH}
     * @param silentFor since its newest vote; empty if it never voted
     * @param downSince since when each of its votes counted as DOWN
     */
    public record Observer(
            String node,
            Verdict vote,
            Optional<Duration> silentFor,
            Optional<Instant> downSince,
            SortedSet<String> downClasses,
            SortedSet<String> upClasses) {}

    /** @param denials why there is no automatic failover now; empty if one is due */
    public record OfGroup(String group, String standby, List<Rule> rules, List<Denial> denials) {}

    /** A group that was active here, and what is known of its jobs here. */
    public record Left(String group, String active, JobFence jobs) {}

    /**
     * A group whose writers only ACLs close out of the region.
     *
     * @param active whether they are let through there, because the group is active in it
     * @param known empty if it is active, or nobody has looked yet
     */
    public record Fence(String group, boolean active, Optional<FenceState> known) {}

    /**
     * One of the conditions of a verdict of DOWN that counts.
     *
     * @param number of the safety rules
     */
    public record Rule(int number, String name, boolean holds, String text) {}

    private static final int RULE_DOWN = 4;
    private static final int RULE_REPLICATION = 5;

    public Explanation {
        observers = List.copyOf(observers);
        groups = List.copyOf(groups);
        left = List.copyOf(left);
        fences = List.copyOf(fences);
    }

    /** As of the state's own time. */
    public static Explanation of(ControlState state, String region) {
        Instant now = state.now();
        List<Observer> observers = state.settings().nodes().stream()
                .map(node ->
                        observer(node, Optional.ofNullable(state.votes(region).get(node)), now))
                .toList();
        List<OfGroup> groups = new ArrayList<>();
        List<Left> left = new ArrayList<>();
        List<Fence> fences = new ArrayList<>();
        state.groups().forEach((name, group) -> {
            if (group.active().equals(region)) {
                List<Denial> denials = Guards.automatic(state, name, group, now);
                groups.add(new OfGroup(name, group.standby(), rules(state, name, group, denials), denials));
            }
            group.jobFence()
                    .filter(fence -> fence.region().equals(region))
                    .ifPresent(fence -> left.add(new Left(name, group.active(), fence)));
            if (Fences.areAcls(state, name, region)) {
                fences.add(new Fence(name, group.active().equals(region), group.fence(region)));
            }
        });
        return new Explanation(region, state.verdict(region, now), observers, groups, left, fences);
    }

    private static Observer observer(String node, Optional<Vote> vote, Instant now) {
        boolean fresh = vote.filter(v -> v.isFresh(now)).isPresent();
        return new Observer(
                node,
                fresh ? vote.orElseThrow().verdict().verdict() : Verdict.UNKNOWN,
                vote.map(v -> Duration.between(v.at(), now)),
                fresh ? vote.orElseThrow().downSince() : Optional.empty(),
                fresh ? vote.orElseThrow().verdict().downClasses() : new TreeSet<>(),
                fresh ? vote.orElseThrow().verdict().upClasses() : new TreeSet<>());
    }

    private static List<Rule> rules(ControlState state, String name, GroupState group, List<Denial> denials) {
        Instant now = state.now();
        List<Vote> fresh = state.freshVotes(group.active(), now);
        int majority = state.settings().majority();
        long down = fresh.stream()
                .filter(vote -> vote.verdict().verdict() == Verdict.DOWN)
                .count();
        long counting =
                fresh.stream().filter(vote -> vote.downSince().isPresent()).count();
        Duration holdTime = Guards.policy(state, name).holdTime();
        long held = fresh.stream().filter(vote -> vote.isDownFor(holdTime, now)).count();
        String of = " of " + state.settings().nodes().size() + " nodes ";
        return List.of(
                new Rule(
                        RULE_DOWN,
                        "majority",
                        down >= majority,
                        down + of + "vote " + group.active() + " DOWN, " + majority + " are needed"),
                new Rule(
                        RULE_DOWN,
                        "two signal classes",
                        counting >= majority,
                        counting + of + "rest that on " + RegionVerdict.CLASSES_NEEDED + " classes or more, " + majority
                                + " are needed"),
                new Rule(
                        RULE_DOWN,
                        "hold time",
                        held >= majority,
                        held + of + "have done so for " + holdTime.toMillis() + " ms without a gap, " + majority
                                + " are needed"),
                replication(state, group, denials));
    }

    private static Rule replication(ControlState state, GroupState group, List<Denial> denials) {
        Optional<Denial> flows = denials.stream()
                .filter(Denial.ReplicationStillFlows.class::isInstance)
                .findFirst();
        Optional<Instant> through = group.readiness().flatMap(Readiness::topicsThrough);
        String text = flows.map(Denial::message)
                .or(() -> state.firstDownVote(group.active(), state.now())
                        .flatMap(since -> through.map(t -> "the newest record that came over is of " + t
                                + ", from before the first vote of DOWN at " + since)))
                .orElse("no vote of DOWN stands that replication could speak against");
        return new Rule(RULE_REPLICATION, "replication is silent", flows.isEmpty(), text);
    }
}
