package io.breakwater.controller.runbook;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Region;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Two regions that nobody reaches, and one group in them. */
final class SimulatedPlatform {

    private static final URI NOWHERE = URI.create("http://127.0.0.1:1");

    private SimulatedPlatform() {}

    static Platform of(String name, Policy policy) {
        ProtectionGroup group = new ProtectionGroup(
                "east",
                "west",
                new Objectives(Duration.ofSeconds(18), Duration.ofSeconds(18)),
                policy,
                List.of(),
                List.of(new AssetSpec(AssetSpec.KAFKA_TOPIC, new TreeMap<>(Map.of("pattern", "flights")))),
                List.of());
        return new Platform(
                "simulated",
                List.of(
                        new Node("east", Optional.of("east"), at(1), at(2)),
                        new Node("west", Optional.of("west"), at(3), at(4)),
                        new Node("witness", Optional.empty(), at(5), at(6))),
                new TreeMap<>(Map.of("east", region(), "west", region())),
                new TreeMap<>(Map.of(name, group)));
    }

    private static HostPort at(int port) {
        return new HostPort("127.0.0.1", port);
    }

    private static Region region() {
        return new Region(
                new Region.KafkaCluster("127.0.0.1:1", Map.of(), Map.of(), "User:mirror"),
                new Region.ConnectCluster(NOWHERE),
                new Region.ObjectStoreSite("none", Optional.empty(), Optional.empty(), Optional.empty(), Map.of()),
                new Region.FlinkCluster(NOWHERE));
    }
}
