package io.breakwater.controller.core;

import io.breakwater.platform.Node;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ProtectionGroup;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the core needs of the platform file. It is part of the state, so that all nodes decide by the same settings.
 *
 * @param nodes ids of the nodes that vote
 */
public record Settings(List<String> nodes, SortedMap<String, GroupSettings> groups) {

    public Settings {
        nodes = List.copyOf(nodes);
        groups = Collections.unmodifiableSortedMap(new TreeMap<>(groups));
    }

    public static Settings of(Platform platform) {
        SortedMap<String, GroupSettings> groups = new TreeMap<>();
        platform.groups()
                .forEach((name, group) -> groups.put(
                        name,
                        new GroupSettings(
                                group.home(), group.standby(), group.policy(), fencedByAcls(platform, group))));
        return new Settings(platform.nodes().stream().map(Node::id).sorted().toList(), groups);
    }

    /** The same with other nodes that vote. */
    public Settings withNodes(List<String> voters) {
        return new Settings(voters, groups);
    }

    private static SortedSet<String> fencedByAcls(Platform platform, ProtectionGroup group) {
        return Stream.of(group.home(), group.standby())
                .filter(region -> platform.region(region).kafka().isFencedByAcls())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** How many of the nodes are more than half. */
    public int majority() {
        return nodes.size() / 2 + 1;
    }
}
