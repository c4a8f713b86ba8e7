package io.breakwater.controller.core;

import io.breakwater.platform.Policy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which nodes there are in a simulation, who of them are members, and how the group may fail over. */
final class SimPlatform {

    static final List<String> NODES = List.of("east", "west", "witness", "witness-2");

    /** The first one is there in the beginning. */
    static final List<List<String>> MEMBERSHIPS = List.of(
            List.of("east", "west", "witness"),
            List.of("east", "west", "witness-2"),
            List.of("east", "west"),
            List.of("east", "west", "witness"));

    /** Longer than a failover takes besides: who does not wait for it is found out. */
    static final Duration LEASE = Duration.ofSeconds(12);

    private SimPlatform() {}

    static Settings settings(Policy policy, Set<String> closedByAcls) {
        GroupSettings group = new GroupSettings("east", "west", policy, new TreeSet<>(closedByAcls));
        return new Settings(MEMBERSHIPS.get(0), new TreeMap<>(Map.of(Scenario.GROUP, group)));
    }

    static Policy policy(Random random) {
        int mode = random.nextInt(10);
        return new Policy(
                mode < 8 ? Policy.Mode.automatic : mode == 8 ? Policy.Mode.advisory : Policy.Mode.paused,
                Duration.ofSeconds(3),
                LEASE,
                Scenario.POLICY.leaseMargin(),
                Duration.ofSeconds(40),
                Duration.ofSeconds(20));
    }
}
