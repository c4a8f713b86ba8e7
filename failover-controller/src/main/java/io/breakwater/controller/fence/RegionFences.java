package io.breakwater.controller.fence;

import io.breakwater.platform.Platform;

/** The fence that the platform file has chosen for a region. */
@FunctionalInterface
public interface RegionFences {

    RegionFence of(Platform platform, String group, String region);

    /** A further kind of fence is a further line here. */
    static RegionFences by(AclClusters acls) {
        return (platform, group, region) ->
                acls.of(platform, group, region).<RegionFence>map(AclFence::new).orElseGet(LeaseFence::new);
    }
}
