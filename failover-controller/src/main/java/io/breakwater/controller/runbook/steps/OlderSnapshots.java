package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ReplicaPosition;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * How far back a restore may go if the newest snapshot does not work: settings {@code restore.older},
 * {@code restore.maxAge} and {@code restore.within} of a {@code flink-job}.
 *
 * @param count how many older ones are tried at most, 0 to 64; 2 if not set, which is what a standby keeps beside the
 *     newest one if nothing else is set
 * @param maxAge how much older than the newest one they may be; empty: as old as they are
 * @param within how long a job that was restored may take to its first completed checkpoint before its snapshot counts
 *     as unusable; 2 minutes if not set
 */
record OlderSnapshots(int count, Optional<Duration> maxAge, Duration within) {

    private static final String COUNT = "restore.older";
    private static final String MAX_AGE = "restore.maxAge";
    private static final String WITHIN = "restore.within";
    private static final String DEFAULT_COUNT = "2";
    private static final String DEFAULT_WITHIN = "PT2M";
    private static final int MOST = 64;

    /** @throws InvalidPlatformException if a setting is wrong */
    static OlderSnapshots of(String job, AssetSpec spec) {
        try {
            int count = Integer.parseInt(spec.setting(COUNT).orElse(DEFAULT_COUNT));
            Optional<Duration> maxAge = spec.setting(MAX_AGE).map(Duration::parse);
            Duration within = Duration.parse(spec.setting(WITHIN).orElse(DEFAULT_WITHIN));
            if (count < 0 || count > MOST || maxAge.filter(Duration::isNegative).isPresent() || !isPositive(within)) {
                throw wrong(job, COUNT + " is from 0 to " + MOST + ", " + MAX_AGE + " and " + WITHIN + " are positive");
            }
            return new OlderSnapshots(count, maxAge, within);
        } catch (NumberFormatException | DateTimeParseException e) {
            throw wrong(
                    job,
                    COUNT + " is a number, " + MAX_AGE + " and " + WITHIN + " are durations such as PT10M: "
                            + e.getMessage());
        }
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static InvalidPlatformException wrong(String job, String why) {
        return new InvalidPlatformException(List.of("assets: flink-job " + job + ": " + why));
    }

    /**
     * @param allowed in the order in which they were given
     * @param forbidden why the others are not tried; empty if there are none
     */
    record Choice(List<ReplicaPosition> allowed, Optional<String> forbidden) {}

    /** @param older newest first */
    Choice among(ReplicaPosition newest, List<ReplicaPosition> older) {
        Instant oldest = maxAge.map(newest.sourceTime()::minus).orElse(Instant.MIN);
        List<ReplicaPosition> young = older.stream()
                .filter(position -> !position.sourceTime().isBefore(oldest))
                .toList();
        List<ReplicaPosition> allowed = young.subList(0, Math.min(count, young.size()));
        int others = older.size() - allowed.size();
        return new Choice(
                allowed,
                others == 0
                        ? Optional.empty()
                        : Optional.of(others + " older snapshots are not tried: " + COUNT + " is " + count
                                + maxAge.map(age -> ", " + MAX_AGE + " is " + age)
                                        .orElse("")
                                + "; raise it in the platform file to let the job go on from one of them, which writes"
                                + " its output since then once more"));
    }
}
