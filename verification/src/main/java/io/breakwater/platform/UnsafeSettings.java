package io.breakwater.platform;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;

/**
 * Settings of a group that would make its failover unsafe or useless. Each is refused at the start with the number of
 * the safety rule that it breaks and the arithmetic, so that nobody finds out at night.
 */
final class UnsafeSettings {

    private static final int SITES_NEEDED = 3;
    private static final int MARGIN_PARTS = 100;
    private static final Duration VOTE_EVERY = Duration.ofSeconds(1);

    private UnsafeSettings() {}

    /** @return one line for each, with its path; empty if there is none */
    static List<String> of(String name, ProtectionGroup group, List<Node> nodes, SortedMap<String, Region> regions) {
        List<String> unsafe = new ArrayList<>();
        String at = "groups." + name + ".policy.";
        Policy policy = group.policy();
        checkTimes(at, policy, group.objectives(), unsafe);
        if (policy.mode() == Policy.Mode.automatic) {
            checkSites(at, nodes, unsafe);
            checkFence(at, group, regions, unsafe);
            checkAutomatic(at, policy, group.objectives(), unsafe);
        }
        return unsafe;
    }

    private static void checkTimes(String at, Policy policy, Objectives objectives, List<String> unsafe) {
        Duration least = policy.lease().dividedBy(MARGIN_PARTS);
        if (policy.leaseMargin().compareTo(least) < 0) {
            unsafe.add(at + "leaseMargin: " + policy.leaseMargin() + " is less than a hundredth of the lease ("
                    + policy.lease() + " / " + MARGIN_PARTS + " = " + least
                    + "), which clocks may drift apart while it holds (rule 10); at least " + least);
        }
        Duration waits = policy.holdTime().plus(policy.lease()).plus(policy.leaseMargin());
        if (waits.compareTo(objectives.rto()) >= 0) {
            unsafe.add(at + "holdTime: holdTime " + policy.holdTime() + " + lease " + policy.lease() + " + leaseMargin "
                    + policy.leaseMargin() + " = " + waits + " pass before a promotion begins (rules 4 and 10), and "
                    + "objectives.rto is " + objectives.rto()
                    + ": no failover can meet it; shorten them or allow more");
        }
    }

    private static void checkSites(String at, List<Node> nodes, List<String> unsafe) {
        long inRegions = nodes.stream()
                .flatMap(node -> node.region().stream())
                .distinct()
                .count();
        long witnesses = nodes.stream().filter(node -> node.region().isEmpty()).count();
        long sites = inRegions + witnesses;
        if (nodes.size() < SITES_NEEDED || sites < SITES_NEEDED) {
            unsafe.add(at + "mode: automatic needs three controller nodes in three sites (rule 3), there are "
                    + nodes.size() + " nodes in " + sites + " sites (" + inRegions + " regions + " + witnesses
                    + " witnesses without a region); use advisory");
        }
    }

    private static void checkFence(
            String at, ProtectionGroup group, SortedMap<String, Region> regions, List<String> unsafe) {
        List<String> byAcls = Stream.of(group.home(), group.standby())
                .filter(region -> isFencedByAcls(regions, region))
                .toList();
        if (!byAcls.isEmpty()) {
            unsafe.add(
                    at + "mode: automatic needs a fence that holds although nobody reaches the region (rule 10), and "
                            + String.join(" and ", byAcls) + " would be closed by ACLs (regions." + byAcls.get(0)
                            + ".kafka.fence), which nobody can make on a cluster that is lost; use advisory, or install the"
                            + " broker plugin there");
        }
    }

    /** ACLs close principals on a cluster, and transactional ids name no group: two groups would undo each other's. */
    static List<String> sharedByGroups(SortedMap<String, Region> regions, SortedMap<String, ProtectionGroup> groups) {
        List<String> unsafe = new ArrayList<>();
        regions.keySet().stream()
                .filter(region -> isFencedByAcls(regions, region))
                .forEach(region -> {
                    List<String> sharing = groups.entrySet().stream()
                            .filter(group -> List.of(
                                            group.getValue().home(),
                                            group.getValue().standby())
                                    .contains(region))
                            .map(Map.Entry::getKey)
                            .toList();
                    if (sharing.size() > 1) {
                        unsafe.add("regions." + region
                                + ".kafka.fence: acls close the transactions of a principal whatever"
                                + " group they belong to, so that one group's failover would stop the others' (rule 15), and "
                                + sharing.size() + " groups have the region: " + String.join(", ", sharing)
                                + "; make it one group, or install the broker plugin there");
                    }
                });
        return unsafe;
    }

    private static boolean isFencedByAcls(SortedMap<String, Region> regions, String region) {
        return regions.containsKey(region) && regions.get(region).kafka().isFencedByAcls();
    }

    private static void checkAutomatic(String at, Policy policy, Objectives objectives, List<String> unsafe) {
        if (policy.holdTime().compareTo(VOTE_EVERY) < 0) {
            unsafe.add(at + "holdTime: " + policy.holdTime() + " is shorter than the " + VOTE_EVERY
                    + " from one vote to the next, so that one observation would decide (rule 4); at least "
                    + VOTE_EVERY);
        }
        if (policy.coolDown().compareTo(objectives.rto()) < 0) {
            unsafe.add(at + "coolDown: " + policy.coolDown() + " is shorter than objectives.rto " + objectives.rto()
                    + ": a second failover could follow before the first is through (rule 12); at least "
                    + objectives.rto());
        }
    }
}
