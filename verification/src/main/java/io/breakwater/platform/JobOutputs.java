package io.breakwater.platform;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a {@code flink-job} declares to write: setting {@code outputs}, mirrored topics separated by commas; and which of
 * these are derived: setting {@code derived.topics}, in the same form. A derived topic has no other writer than the job,
 * which makes all of it again from its input. So the mirror holds it back on the standby where the newest restorable
 * snapshot stands: {@code derived.hold} is how long a record waits for the next snapshot at most.
 *
 * @param topics empty if nothing is declared: then each topic of the group that is not derived may be an output
 * @param derived some of them
 * @param hold more than two intervals of snapshots; 10 minutes if not set
 */
public record JobOutputs(SortedSet<String> topics, SortedSet<String> derived, Duration hold) {

    private static final String OUTPUTS = "outputs";
    private static final String DERIVED = "derived.topics";
    private static final String HOLD = "derived.hold";
    private static final String DEFAULT_HOLD = "PT10M";
    private static final String EVERY = "snapshot.every";
    private static final int LEAST_INTERVALS = 2;

    public JobOutputs {
        topics = Collections.unmodifiableSortedSet(new TreeSet<>(topics));
        derived = Collections.unmodifiableSortedSet(new TreeSet<>(derived));
    }

    /** Of a job without derived topics. */
    public static JobOutputs of(Set<String> topics) {
        return new JobOutputs(new TreeSet<>(topics), new TreeSet<>(), Duration.parse(DEFAULT_HOLD));
    }

    /** @throws InvalidPlatformException if a topic is not mirrored with the group, or a setting is wrong */
    public static JobOutputs of(ProtectionGroup group, AssetSpec job) {
        String at = "assets: flink-job " + job.required("name") + ": ";
        SortedSet<String> topics = words(job, OUTPUTS);
        SortedSet<String> derived = words(job, DERIVED);
        List<String> patterns = group.patterns(AssetSpec.KAFKA_TOPIC);
        List<String> wrong = new ArrayList<>();
        topics.stream()
                .filter(topic -> patterns.stream().noneMatch(pattern -> Pattern.matches(pattern, topic)))
                .forEach(topic ->
                        wrong.add(at + OUTPUTS + " has '" + topic + "', which no kafka-topic asset of the group"
                                + " matches; it is a list of mirrored topics separated by commas"));
        derived.stream()
                .filter(topic -> !topics.contains(topic))
                .forEach(topic -> wrong.add(at + DERIVED + " has '" + topic + "', which " + OUTPUTS + " has not"));
        Duration hold = duration(job, HOLD, DEFAULT_HOLD, at, wrong);
        Duration every = duration(job, EVERY, "PT0S", at, wrong);
        if (!derived.isEmpty() && hold.compareTo(every.multipliedBy(LEAST_INTERVALS)) <= 0) {
            wrong.add(at + HOLD + " is " + hold + ", and has to be longer than " + LEAST_INTERVALS + " times " + EVERY
                    + ", " + every + ": the next snapshot must have the time to come");
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        return new JobOutputs(topics, derived, hold);
    }

    private static SortedSet<String> words(AssetSpec job, String setting) {
        TreeSet<String> words = new TreeSet<>();
        job.setting(setting).stream()
                .flatMap(names -> Arrays.stream(names.split(",", -1)))
                .map(String::strip)
                .forEach(words::add);
        return words;
    }

    private static Duration duration(AssetSpec job, String setting, String other, String at, List<String> wrong) {
        String text = job.setting(setting).orElse(other);
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            wrong.add(at + setting + " is '" + text + "'; it is a duration such as PT10M");
            return Duration.ZERO;
        }
    }

    public boolean isDeclared() {
        return !topics.isEmpty();
    }
}
