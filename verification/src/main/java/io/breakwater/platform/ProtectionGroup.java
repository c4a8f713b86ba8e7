package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.util.List;
import java.util.Optional;

/**
 * The assets that fail over as one.
 *
 * @param home the region where the group begins; where it is now, only the controller knows
 * @param pipelinePrincipals principals of the group's own jobs and table writers, as {@code User:name}; they are
 *     opened before and closed after all others (ingress)
 * @param routes pointed after each change of the active region, besides the API's own
 */
public record ProtectionGroup(
        String home,
        String standby,
        Objectives objectives,
        Policy policy,
        List<String> pipelinePrincipals,
        List<AssetSpec> assets,
        List<RouteSpec> routes) {

    /** As the platform file has it: without a policy the careful defaults count. */
    @JsonCreator
    public ProtectionGroup(
            String home,
            String standby,
            Objectives objectives,
            Optional<Policy> policy,
            Optional<List<String>> pipelinePrincipals,
            @JsonSetter(contentNulls = Nulls.FAIL) List<AssetSpec> assets,
            Optional<List<RouteSpec>> routes) {
        this(
                home,
                standby,
                objectives,
                policy.orElse(Policy.CAREFUL),
                pipelinePrincipals.orElse(List.of()),
                assets,
                routes.orElse(List.of()));
    }

    /** Without places outside of Breakwater that tell clients where to go. */
    public ProtectionGroup(
            String home,
            String standby,
            Objectives objectives,
            Policy policy,
            List<String> pipelinePrincipals,
            List<AssetSpec> assets) {
        this(home, standby, objectives, policy, pipelinePrincipals, assets, List.of());
    }

    public ProtectionGroup {
        pipelinePrincipals = List.copyOf(pipelinePrincipals);
        assets = List.copyOf(assets);
        routes = List.copyOf(routes);
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
