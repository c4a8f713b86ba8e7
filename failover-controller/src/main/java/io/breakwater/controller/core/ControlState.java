package io.breakwater.controller.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * All that the controllers agree on. Immutable; as JSON it is the snapshot of the Raft log.
 *
 * @param now the time of the newest event; never goes back
 * @param votes by region and node
 * @param operations the running ones and the newest of the ended ones, oldest first
 * @param frozen whether a person has forbidden all automatic failovers
 */
public record ControlState(
        Instant now,
        Settings settings,
        SortedMap<String, GroupState> groups,
        SortedMap<String, SortedMap<String, Vote>> votes,
        List<Operation> operations,
        EvidenceTail evidence,
        boolean frozen) {

    /** How many operations are kept; ended ones make room first. */
    public static final int OPERATIONS_KEPT = 64;

    public static final ControlState EMPTY = new ControlState(
            Instant.EPOCH,
            new Settings(List.of(), new TreeMap<>()),
            new TreeMap<>(),
            new TreeMap<>(),
            List.of(),
            EvidenceTail.EMPTY,
            false);

    public ControlState {
        groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
        votes = Collections.unmodifiableSortedMap(new TreeMap<>(votes));
        operations = List.copyOf(operations);
    }

    public Optional<GroupState> group(String name) {
        return Optional.ofNullable(groups.get(name));
    }

    public Optional<Operation> operation(String id) {
        for (Operation operation : operations) {
            if (operation.id().equals(id)) {
                return Optional.of(operation);
            }
        }
        return Optional.empty();
    }

    public SortedMap<String, Vote> votes(String region) {
        return votes.getOrDefault(region, Collections.emptySortedMap());
    }

    List<Vote> freshVotes(String region, Instant at) {
        List<Vote> fresh = new ArrayList<>();
        for (Vote vote : votes(region).values()) {
            if (vote.isFresh(at)) {
                fresh.add(vote);
            }
        }
        return fresh;
    }

    /** Whether the node has voted lately, of any region. */
    public boolean isHeardFrom(String node) {
        return votes.values().stream()
                .flatMap(ofRegion -> Optional.ofNullable(ofRegion.get(node)).stream())
                .anyMatch(vote -> vote.isFresh(now));
    }

    /** Since when the oldest of the votes of DOWN that stand has stood without a gap. */
    public Optional<Instant> firstDownVote(String region, Instant at) {
        Optional<Instant> first = Optional.empty();
        for (Vote vote : freshVotes(region, at)) {
            if (vote.downSince().isPresent()
                    && (first.isEmpty() || vote.downSince().get().isBefore(first.get()))) {
                first = vote.downSince();
            }
        }
        return first;
    }

    /** What a majority of all nodes says of a region now; UNKNOWN without one. */
    public Verdict verdict(String region, Instant at) {
        for (Verdict verdict : List.of(Verdict.UP, Verdict.DOWN)) {
            long voices = freshVotes(region, at).stream()
                    .filter(vote -> vote.verdict().verdict() == verdict)
                    .count();
            if (voices > 0 && voices >= settings.majority()) {
                return verdict;
            }
        }
        return Verdict.UNKNOWN;
    }

    ControlState at(Instant next) {
        return next.isAfter(now) ? new ControlState(next, settings, groups, votes, operations, evidence, frozen) : this;
    }

    ControlState with(Settings next) {
        return new ControlState(now, next, groups, votes, operations, evidence, frozen);
    }

    ControlState withGroups(SortedMap<String, GroupState> next) {
        return new ControlState(now, settings, next, votes, operations, evidence, frozen);
    }

    ControlState withGroup(String name, GroupState group) {
        SortedMap<String, GroupState> next = new TreeMap<>(groups);
        next.put(name, group);
        return withGroups(next);
    }

    ControlState withVotes(SortedMap<String, SortedMap<String, Vote>> next) {
        return new ControlState(now, settings, groups, next, operations, evidence, frozen);
    }

    ControlState with(EvidenceTail next) {
        return new ControlState(now, settings, groups, votes, operations, next, frozen);
    }

    ControlState withFrozen(boolean next) {
        return new ControlState(now, settings, groups, votes, operations, evidence, next);
    }

    /** Without the long details of a group's ended operations. */
    ControlState withShortDetails(String group) {
        List<Operation> next = operations.stream()
                .map(o -> o.group().equals(group) && !o.isRunning() ? o.withShortDetails() : o)
                .toList();
        return new ControlState(now, settings, groups, votes, next, evidence, frozen);
    }

    /** With the operation added, or in the place of the one with its id. */
    ControlState with(Operation operation) {
        List<Operation> next = new ArrayList<>(operations);
        for (int i = 0; i < next.size(); i++) {
            if (next.get(i).id().equals(operation.id())) {
                next.set(i, operation);
                return new ControlState(now, settings, groups, votes, next, evidence, frozen);
            }
        }
        next.add(operation);
        for (int i = 0; next.size() > OPERATIONS_KEPT && i < next.size(); ) {
            if (next.get(i).isRunning()) {
                i++;
            } else {
                next.remove(i);
            }
        }
        return new ControlState(now, settings, groups, votes, next, evidence, frozen);
    }
}
