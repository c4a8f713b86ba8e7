package io.breakwater.local.mirror;

import io.breakwater.local.process.FreePorts;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.FenceSpec;
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
import java.util.stream.Stream;

/** A platform file whose region in question only ACLs close. */
final class AclPlatform {

    private AclPlatform() {}

    /** Nothing of it is reached but the one cluster, with group flights in it. */
    static Platform of(String bootstrap, Map<String, String> client, Principal probe, String home, String standby) {
        FenceSpec fence = new FenceSpec.Acls(probe.clientSettings(), probe.kafkaPrincipal(), List.of());
        KafkaCluster closable = new KafkaCluster(
                bootstrap,
                client,
                Principal.MIRROR.clientSettings(),
                Principal.MIRROR.kafkaPrincipal(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(fence));
        KafkaCluster other = new KafkaCluster("127.0.0.1:1", Map.of(), Map.of(), Principal.MIRROR.kafkaPrincipal());
        ProtectionGroup group = new ProtectionGroup(
                home,
                standby,
                new Objectives(Duration.ofMinutes(5), Duration.ofMinutes(1)),
                Policy.CAREFUL,
                List.of(Principal.PIPELINE.kafkaPrincipal()),
                Stream.of(
                                Map.entry(AssetSpec.KAFKA_TOPIC, "flights\\..*"),
                                Map.entry(AssetSpec.CONSUMER_GROUP, "flights-.*"))
                        .map(asset -> new AssetSpec(asset.getKey(), new TreeMap<>(Map.of("pattern", asset.getValue()))))
                        .toList());
        return new Platform(
                "acls",
                List.of(new Node("witness", Optional.empty(), local(), local())),
                new TreeMap<>(Map.of(MirrorPair.FLOW.from(), region(closable), MirrorPair.FLOW.to(), region(other))),
                new TreeMap<>(Map.of(MirrorPair.GROUP, group)));
    }

    private static HostPort local() {
        return new HostPort("127.0.0.1", FreePorts.next());
    }

    private static Region region(KafkaCluster kafka) {
        URI nowhere = URI.create("http://127.0.0.1:1");
        return new Region(
                kafka,
                new Region.ConnectCluster(nowhere),
                new Region.ObjectStoreSite("none", Optional.empty(), Optional.empty(), Optional.empty(), Map.of()),
                new Region.FlinkCluster(nowhere));
    }
}
