package io.breakwater.replicator.kafka.access;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ProtectionGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the platform file says of an asset of kind {@code kafka-access}; a group has at most one. All of a cluster's
 * rules are meant, not only those of the group's topics.
 *
 * <ul>
 *   <li>{@code acls}, {@code quotas}, {@code users}: {@code true} (default) or {@code false}
 *   <li>{@code passwords}: the path, on the worker, of a Java properties file with a line {@code user=password} for
 *       each SCRAM user. Kafka tells nobody a password or its salted form, so users cannot be copied without it: those
 *       that the standby lacks are then named by an alarm. A password that was changed on the source under the same
 *       mechanism and iterations cannot be noticed: change it on both
 * </ul>
 */
record AccessAsset(boolean acls, boolean quotas, boolean users, Optional<Path> passwords) {

    private static final Set<String> SETTINGS = Set.of("acls", "quotas", "users", "passwords");

    /** @throws InvalidPlatformException if a setting is not one of those, or there are two such assets */
    static Optional<AccessAsset> of(String groupName, ProtectionGroup group) {
        List<AssetSpec> specs = group.assets(AccessMirrorConnector.KIND);
        List<String> wrong = new ArrayList<>();
        String place = "groups." + groupName + ".assets: " + AccessMirrorConnector.KIND + ": ";
        if (specs.size() > 1) {
            wrong.add(place + "there are " + specs.size() + "; one covers the cluster");
        }
        for (AssetSpec spec : specs) {
            spec.settings().keySet().stream()
                    .filter(key -> !SETTINGS.contains(key))
                    .forEach(key -> wrong.add(place + "unknown setting '" + key + "'; there are " + SETTINGS));
            for (String key : List.of("acls", "quotas", "users")) {
                spec.setting(key)
                        .filter(value -> !List.of("true", "false").contains(value))
                        .ifPresent(value -> wrong.add(place + key + " '" + value + "': expected true or false"));
            }
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        return specs.stream()
                .findFirst()
                .map(spec -> new AccessAsset(
                        is(spec, "acls"),
                        is(spec, "quotas"),
                        is(spec, "users"),
                        spec.setting("passwords").map(Path::of)));
    }

    private static boolean is(AssetSpec spec, String key) {
        return spec.setting(key).map(Boolean::parseBoolean).orElse(true);
    }
}
