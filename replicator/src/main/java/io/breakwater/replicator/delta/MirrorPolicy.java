package io.breakwater.replicator.delta;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the mirror of a table may do where more than one thing would be right.
 *
 * @param copyInFrom buckets from which files with absolute paths are copied into the replica, whose log then names them
 *     relative to the table; a table with other absolute paths is refused
 * @param remade what happens when the source was dropped and made again
 * @param vacuum whether files that the source has vacuumed go from the replica too
 * @param keep for how long back every version of the replica stays readable, whatever the source vacuums
 * @param delay how old a version must be at the source before the replica becomes it; its files are copied before
 */
public record MirrorPolicy(Set<String> copyInFrom, Remade remade, Vacuum vacuum, Duration keep, Duration delay) {

    /** A table was dropped and made again at its old place. */
    public enum Remade {
        /** The mirror stops; the replica stays what the old table was. */
        REFUSE,
        /** The log of the old table's replica is moved aside, and the new table is copied. */
        SEED
    }

    /** Files that no current version needs. */
    public enum Vacuum {
        /** The replica keeps all of them. */
        KEEP,
        /** They go once the source no longer has them and no kept version needs them. */
        FOLLOW
    }

    private static final Duration WEEK = Duration.ofDays(7);

    public MirrorPolicy {
        copyInFrom = Set.copyOf(copyInFrom);
        if (keep.isNegative() || delay.isNegative()) {
            throw new IllegalArgumentException("keep is " + keep + ", delay " + delay + ": they must not be negative");
        }
    }

    /** Without a delay. */
    public MirrorPolicy(Set<String> copyInFrom, Remade remade, Vacuum vacuum, Duration keep) {
        this(copyInFrom, remade, vacuum, keep, Duration.ZERO);
    }

    /** Nothing is copied in, nothing is removed, a table made again is refused, nothing is delayed. */
    public static MirrorPolicy careful() {
        return new MirrorPolicy(Set.of(), Remade.REFUSE, Vacuum.KEEP, WEEK);
    }

    /**
     * The policy that an asset's settings say: {@code absolutePaths} ({@code copy} or {@code refuse}), {@code remade}
     * ({@code refuse} or {@code seed}), {@code vacuum} ({@code keep} or {@code follow}), {@code keep} (ISO-8601
     * duration, default {@code P7D}), {@code delay} (the same, default none).
     *
     * @param buckets those of the source's region, from which files may be copied in
     * @throws InvalidPlatformException if a setting has a value that it can't have
     */
    static MirrorPolicy of(AssetSpec spec, Collection<String> buckets) {
        return new MirrorPolicy(
                choice(spec, "absolutePaths", "copy", List.of("copy", "refuse")).equals("copy")
                        ? Set.copyOf(buckets)
                        : Set.of(),
                Remade.valueOf(choice(spec, "remade", "refuse", List.of("refuse", "seed"))
                        .toUpperCase(Locale.ROOT)),
                Vacuum.valueOf(choice(spec, "vacuum", "keep", List.of("keep", "follow"))
                        .toUpperCase(Locale.ROOT)),
                duration(spec, "keep", WEEK),
                duration(spec, "delay", Duration.ZERO));
    }

    private static String choice(AssetSpec spec, String setting, String standard, List<String> possible) {
        String value = spec.setting(setting).orElse(standard);
        if (!possible.contains(value)) {
            throw new InvalidPlatformException(
                    List.of("assets: " + setting + " of a table is '" + value + "': expected one of " + possible));
        }
        return value;
    }

    private static Duration duration(AssetSpec spec, String setting, Duration standard) {
        String value = spec.setting(setting).orElse(standard.toString());
        try {
            Duration duration = Duration.parse(value);
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // Said below, as of a negative one.
        }
        throw new InvalidPlatformException(List.of("assets: " + setting + " of a table is '" + value
                + "': expected a duration such as P7D or PT12H, and none below zero"));
    }
}
