package io.breakwater.replicator.objects;

import io.breakwater.platform.AssetId;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Region.ObjectStoreSite;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the platform file says of an asset of kind {@code s3-prefix}. Immutable.
 *
 * @param name of the asset
 * @param prefix as in the platform file, with the role of its bucket; it ends with a slash
 * @param every from the end of one listing to the begin of the next; {@code PT10S} unless given
 * @param changed what an object means that the source has written again
 * @param keys whether new objects have greater keys than those that stand
 * @param fullListing with {@link Keys#ASCENDING}, how often everything is listed nevertheless; {@code PT1H} unless given
 */
public record PrefixAsset(
        String name, String prefix, Duration every, Changed changed, Keys keys, Duration fullListing) {

    /** An object of the source is not what stands on the standby under its key. */
    public enum Changed {
        /** An alarm; the standby is not ready until a person has removed one of the two. */
        REFUSE,
        /** The standby keeps what arrived first, and the receipts say so. */
        KEEP
    }

    /** In which order keys appear. */
    public enum Keys {
        /** In none that could be relied on: each pass lists everything. */
        ANY,
        /** Ascending, as names that begin with a time are: passes begin behind what the last full listing saw. */
        ASCENDING
    }

    private static final Set<String> SETTINGS =
            new TreeSet<>(Set.of("name", "prefix", "every", "changed", "keys", "fullListing", "deletions"));
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    public AssetId id() {
        return new AssetId(AssetSpec.S3_PREFIX, name);
    }

    /** @throws InvalidPlatformException if a setting is none, or has a value that it can't have */
    public static PrefixAsset of(AssetSpec spec) {
        spec.settings().keySet().stream()
                .filter(key -> !SETTINGS.contains(key))
                .findFirst()
                .ifPresent(key -> {
                    throw wrong("unknown setting '" + key + "'; there are " + SETTINGS);
                });
        String prefix = spec.required("prefix");
        if (!prefix.startsWith("s3://") || !prefix.endsWith("/")) {
            throw wrong("prefix '" + prefix + "': expected s3://bucket/folders/, with a slash at its end");
        }
        // Deleting can't be made to depend on what stands there, see docs/objects.md.
        choice(spec, "deletions", "keep", List.of("keep"));
        return new PrefixAsset(
                spec.required("name"),
                prefix,
                duration(spec, "every", Duration.ofSeconds(10)),
                Changed.valueOf(choice(spec, "changed", "refuse", List.of("refuse", "keep"))
                        .toUpperCase(Locale.ROOT)),
                Keys.valueOf(
                        choice(spec, "keys", "any", List.of("any", "ascending")).toUpperCase(Locale.ROOT)),
                duration(spec, "fullListing", Duration.ofHours(1)));
    }

    /**
     * Holds a group's prefixes against the rest of the platform file.
     *
     * @throws InvalidPlatformException if two have one name, one overlaps with another or with a table, or a store has
     *     no conditional puts
     */
    public static void check(String groupName, Platform platform) {
        ProtectionGroup group = platform.group(groupName);
        List<String> wrong = new ArrayList<>();
        List<PrefixAsset> prefixes = new ArrayList<>();
        for (AssetSpec spec : group.assets(AssetSpec.S3_PREFIX)) {
            try {
                prefixes.add(of(spec));
            } catch (InvalidPlatformException e) {
                wrong.add("groups." + groupName + "." + e.getMessage());
            }
        }
        for (String region : prefixes.isEmpty() ? List.<String>of() : List.of(group.home(), group.standby())) {
            ObjectStoreSite site = platform.region(region).objectStore();
            if (!site.dialect().flatMap(dialect -> dialect.conditionalPut()).orElse(true)) {
                wrong.add("groups." + groupName + ".assets: s3-prefix: region " + region + " has conditionalPut: false;"
                        + " objects can't be put there without the danger to overwrite what others write");
            }
            checkOverlaps(prefixes, group.assets(AssetSpec.DELTA_TABLE), site, wrong);
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong.stream().distinct().toList());
        }
    }

    private static void checkOverlaps(
            List<PrefixAsset> prefixes, List<AssetSpec> tables, ObjectStoreSite site, List<String> wrong) {
        for (int i = 0; i < prefixes.size(); i++) {
            PrefixAsset one = prefixes.get(i);
            for (PrefixAsset other : prefixes.subList(i + 1, prefixes.size())) {
                if (one.name().equals(other.name())) {
                    wrong.add("assets: two of kind s3-prefix are called " + one.name());
                } else if (overlap(site.locate(one.prefix()), site.locate(other.prefix()))) {
                    wrong.add("assets: s3-prefix " + one.name() + " and " + other.name() + " overlap");
                }
            }
            for (AssetSpec table : tables) {
                String path = table.setting("path").orElseGet(() -> table.required("prefix"));
                // A pattern may mean whatever begins as it does before its first star.
                String place = path.contains("*") ? path.substring(0, path.indexOf('*')) : path + "/";
                if (overlap(site.locate(one.prefix()), site.locate(place))) {
                    wrong.add("assets: s3-prefix " + one.name() + " overlaps with the delta-table at " + path
                            + ", whose files have to be carried in the order of its log");
                }
            }
        }
    }

    private static boolean overlap(String one, String other) {
        return one.startsWith(other) || other.startsWith(one);
    }

    private static String choice(AssetSpec spec, String setting, String standard, List<String> possible) {
        String value = spec.setting(setting).orElse(standard);
        if (!possible.contains(value)) {
            throw wrong(setting + " '" + value + "': expected one of " + possible);
        }
        return value;
    }

    private static Duration duration(AssetSpec spec, String setting, Duration standard) {
        try {
            Duration given = spec.setting(setting).map(Duration::parse).orElse(standard);
            if (given.compareTo(SHORTEST) < 0) {
                throw wrong(setting + " '" + given + "': at least " + SHORTEST);
            }
            return given;
        } catch (DateTimeParseException e) {
            throw wrong(setting + " '" + spec.setting(setting).orElse("") + "': expected a duration such as PT10S");
        }
    }

    private static InvalidPlatformException wrong(String what) {
        return new InvalidPlatformException(List.of("assets: s3-prefix: " + what));
    }
}
