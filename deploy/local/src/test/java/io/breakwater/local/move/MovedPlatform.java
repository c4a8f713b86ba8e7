package io.breakwater.local.move;

import io.breakwater.local.process.FreePorts;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Flow;
import io.breakwater.platform.HostPort;
import io.breakwater.platform.Node;
import io.breakwater.platform.Objectives;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Policy;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Region;
import io.breakwater.platform.Region.KafkaCluster;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A platform of one group. */
final class MovedPlatform {

    static final String GROUP = "flights";
    static final Flow FLOW = new Flow("east", "west");

    private static final URI NOWHERE = URI.create("http://127.0.0.1:1");

    private MovedPlatform() {}

    static Platform withHomeGone(KafkaCluster standby) {
        return of(new KafkaCluster("127.0.0.1:1", Map.of(), Map.of(), standby.mirrorPrincipal()), standby);
    }

    static Platform of(KafkaCluster home, KafkaCluster standby) {
        return new Platform(
                "moved",
                List.of(new Node("witness", Optional.empty(), local(FreePorts.next()), local(FreePorts.next()))),
                new TreeMap<>(Map.of(FLOW.from(), region(home), FLOW.to(), region(standby))),
                new TreeMap<>(Map.of(
                        GROUP,
                        new ProtectionGroup(
                                FLOW.from(),
                                FLOW.to(),
                                new Objectives(Duration.ofMinutes(5), Duration.ofMinutes(1)),
                                Policy.CAREFUL,
                                List.of(),
                                List.of(
                                        new AssetSpec(
                                                AssetSpec.KAFKA_TOPIC,
                                                new TreeMap<>(Map.of("pattern", "flights\\..*"))),
                                        new AssetSpec(
                                                AssetSpec.CONSUMER_GROUP,
                                                new TreeMap<>(Map.of("pattern", "flights-.*"))))))));
    }

    private static HostPort local(int port) {
        return new HostPort("127.0.0.1", port);
    }

    private static Region region(KafkaCluster kafka) {
        return new Region(
                kafka,
                new Region.ConnectCluster(NOWHERE),
                new Region.ObjectStoreSite("none", Optional.empty(), Optional.empty(), Optional.empty(), Map.of()),
                new Region.FlinkCluster(NOWHERE));
    }
}
