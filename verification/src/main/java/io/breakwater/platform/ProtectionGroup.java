package io.breakwater.platform;

import java.util.List;

/**
 * The assets that fail over as one.
 *
 * @param home the region where the group begins; where it is now, only the controller knows
 * @param pipelinePrincipals principals of the group's own jobs and table writers, as {@code User:name}; they are
 *     opened before and closed after all others (ingress)
 */
public record ProtectionGroup(
        String home,
        String standby,
        Objectives objectives,
        Policy policy,
        List<String> pipelinePrincipals,
        List<AssetSpec> assets) {

    public ProtectionGroup {
        pipelinePrincipals = List.copyOf(pipelinePrincipals);
        assets = List.copyOf(assets);
    }

    public List<AssetSpec> assets(String kind) {
        return assets.stream().filter(asset -> asset.kind().equals(kind)).toList();
    }

    /** The patterns (regular expressions over the whole name) of the group's assets of a kind that has patterns. */
    public List<String> patterns(String kind) {
        return assets(kind).stream().map(asset -> asset.required("pattern")).toList();
    }

    /** The other region of the two. */
    public String otherThan(String region) {
        return region.equals(home) ? standby : home;
    }
}
