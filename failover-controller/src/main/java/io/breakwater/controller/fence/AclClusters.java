package io.breakwater.controller.fence;

import io.breakwater.platform.FenceSpec;
import io.breakwater.platform.Platform;
import io.breakwater.region.RegionClients;
import java.util.Optional;

/** The clusters that ACLs close. */
@FunctionalInterface
public interface AclClusters {

    /** Asks nothing of the cluster yet; empty if the platform file has chosen another fence for the region. */
    Optional<AclCluster> of(Platform platform, String group, String region);

    static AclClusters by(RegionClients clients) {
        return (platform, group, region) -> platform.region(region).kafka().fencedBy() instanceof FenceSpec.Acls acls
                ? Optional.of(KafkaAclCluster.of(platform, group, region, acls, clients))
                : Optional.empty();
    }
}
