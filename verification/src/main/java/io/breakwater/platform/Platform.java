package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the platform file says. Built and checked whole by {@link PlatformFile}; immutable.
 *
 * @param platform its name; also the origin of the evidence log
 * @param nodes the controller nodes
 * @param regions by name; a name has no {@code -}
 * @param groups the protection groups by name
 */
public record Platform(
        String platform,
        @JsonSetter(contentNulls = Nulls.FAIL) List<Node> nodes,
        @JsonSetter(contentNulls = Nulls.FAIL) SortedMap<String, Region> regions,
        @JsonSetter(contentNulls = Nulls.FAIL) SortedMap<String, ProtectionGroup> groups) {

    public Platform {
        nodes = List.copyOf(nodes);
        regions = new TreeMap<>(regions);
        groups = new TreeMap<>(groups);
        SortedMap<String, Region> known = regions;
        List<Node> all = nodes;
        List<String> wrong = new ArrayList<>();
        checkNodes(nodes, regions, wrong);
        groups.forEach((name, group) -> checkGroup(name, group, known, all, wrong));
        wrong.addAll(UnsafeSettings.sharedByGroups(regions, groups));
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
    }

    /** @throws InvalidPlatformException if there is no such region */
    public Region region(String name) {
        return found("regions", regions, name);
    }

    /** @throws InvalidPlatformException if there is no such group */
    public ProtectionGroup group(String name) {
        return found("groups", groups, name);
    }

    private static <T> T found(String what, Map<String, T> map, String name) {
        T value = map.get(name);
        if (value == null) {
            throw new InvalidPlatformException(
                    List.of(what + "." + name + ": not in the platform file; there are " + map.keySet()));
        }
        return value;
    }

    private static void checkNodes(List<Node> nodes, SortedMap<String, Region> regions, List<String> wrong) {
        if (nodes.isEmpty()) {
            wrong.add("nodes: at least one controller node is needed");
        }
        if (nodes.stream().map(Node::id).distinct().count() < nodes.size()) {
            wrong.add("nodes: ids must differ");
        }
        nodes.forEach(node -> node.region()
                .filter(r -> !regions.containsKey(r))
                .ifPresent(r -> wrong.add(
                        "nodes." + node.id() + ".region: no region '" + r + "'; there are " + regions.keySet())));
        regions.keySet().stream()
                .filter(name -> name.contains("-"))
                .forEach(name -> wrong.add("regions." + name + ": a region's name has no '-'"));
    }

    private static void checkGroup(
            String name,
            ProtectionGroup group,
            SortedMap<String, Region> regions,
            List<Node> nodes,
            List<String> wrong) {
        for (String region : List.of(group.home(), group.standby())) {
            if (!regions.containsKey(region)) {
                wrong.add("groups." + name + ": no region '" + region + "'; there are " + regions.keySet());
            }
        }
        if (group.home().equals(group.standby())) {
            wrong.add("groups." + name + ".standby: must be another region than home");
        }
        group.routes().stream()
                .flatMap(route -> route instanceof RouteSpec.Route53 dns
                        ? List.of(group.home(), group.standby()).stream()
                                .filter(region -> !dns.values().containsKey(region))
                                .map(region ->
                                        "groups." + name + ".routes: route53.values has none for '" + region + "'")
                        : Stream.empty())
                .forEach(wrong::add);
        wrong.addAll(UnsafeSettings.of(name, group, nodes, regions));
    }
}
