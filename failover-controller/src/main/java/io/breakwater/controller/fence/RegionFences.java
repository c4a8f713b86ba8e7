package io.breakwater.controller.fence;

import io.breakwater.platform.FenceSpec;
import io.breakwater.platform.Platform;
import io.breakwater.region.RegionClients;
import java.time.Clock;

/** The fence that the platform file has chosen for a region. */
@FunctionalInterface
public interface RegionFences {

    RegionFence of(Platform platform, String group, String region);

    /** A further kind of fence is a further line here. */
    static RegionFences by(RegionClients clients, Clock clock) {
        return (platform, group, region) -> platform.region(region).kafka().fencedBy() instanceof FenceSpec.Acls acls
                ? new AclFence(AclCluster.of(platform, group, region, acls, clients), clock)
                : new LeaseFence();
    }
}
