package io.breakwater.platform;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What a {@code flink-job} declares to write: setting {@code outputs}, mirrored topics separated by commas.
 *
 * @param topics empty if nothing is declared: then each topic of the group may be an output
 */
public record JobOutputs(SortedSet<String> topics) {

    private static final String OUTPUTS = "outputs";

    public JobOutputs {
        topics = Collections.unmodifiableSortedSet(new TreeSet<>(topics));
    }

    /** @throws InvalidPlatformException if a topic is not mirrored with the group */
    public static JobOutputs of(ProtectionGroup group, AssetSpec job) {
        TreeSet<String> topics = new TreeSet<>();
        job.setting(OUTPUTS).stream()
                .flatMap(names -> Arrays.stream(names.split(",", -1)))
                .map(String::strip)
                .forEach(topics::add);
        List<String> patterns = group.patterns(AssetSpec.KAFKA_TOPIC);
        List<String> wrong = topics.stream()
                .filter(topic -> patterns.stream().noneMatch(pattern -> Pattern.matches(pattern, topic)))
                .map(topic -> "assets: flink-job " + job.required("name") + ": " + OUTPUTS + " has '" + topic
                        + "', which no kafka-topic asset of the group matches; it is a list of mirrored topics"
                        + " separated by commas")
                .toList();
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        return new JobOutputs(topics);
    }

    public boolean isDeclared() {
        return !topics.isEmpty();
    }
}
