package io.breakwater.replicator.delta;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * For how long a table keeps what it no longer needs. Source: Delta's <a
 * href="https://docs.delta.io/latest/table-properties.html">table properties</a>, with their defaults.
 *
 * @param deletedFiles a vacuum removes no file that was part of the table so lately
 * @param log commits that are younger are not cleaned up
 */
record SourceRetention(Duration deletedFiles, Duration log) {

    static final String DELETED_FILES = "delta.deletedFileRetentionDuration";
    static final String LOG = "delta.logRetentionDuration";
    static final SourceRetention STANDARD = new SourceRetention(Duration.ofDays(7), Duration.ofDays(30));

    /** An interval as Spark writes it: {@code interval 1 week}, {@code 36 hours}, {@code interval 1 day 12 hours}. */
    private static final Pattern INTERVAL = Pattern.compile("(?:interval\\s+)?((?:\\d+\\s+[a-z]+\\s*)+)");

    private static final Pattern TERM = Pattern.compile("(\\d+)\\s+([a-z]+?)s?(?:\\s|$)");

    private static final Map<String, Duration> UNITS = Map.of(
            "week", Duration.ofDays(7),
            "day", Duration.ofDays(1),
            "hour", Duration.ofHours(1),
            "minute", Duration.ofMinutes(1),
            "second", Duration.ofSeconds(1),
            "millisecond", Duration.ofMillis(1),
            "microsecond", Duration.of(1, ChronoUnit.MICROS));

    /** Of a table's properties; what is not set, or set to what no writer would take, is as if absent. */
    static SourceRetention of(Map<String, String> properties) {
        return new SourceRetention(
                interval(properties, DELETED_FILES).orElse(STANDARD.deletedFiles()),
                interval(properties, LOG).orElse(STANDARD.log()));
    }

    private static Optional<Duration> interval(Map<String, String> properties, String name) {
        return Optional.ofNullable(properties.get(name)).flatMap(SourceRetention::parse);
    }

    static Optional<Duration> parse(String text) {
        Matcher interval = INTERVAL.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!interval.matches()) {
            return Optional.empty();
        }
        Duration sum = Duration.ZERO;
        Matcher term = TERM.matcher(interval.group(1));
        while (term.find()) {
            Duration unit = UNITS.get(term.group(2));
            if (unit == null) {
                return Optional.empty();
            }
            sum = sum.plus(unit.multipliedBy(Long.parseLong(term.group(1))));
        }
        return Optional.of(sum);
    }
}
