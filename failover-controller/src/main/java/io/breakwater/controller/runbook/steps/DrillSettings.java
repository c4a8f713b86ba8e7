package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.region.FlinkRest.Submission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the platform file says of drills with a {@code flink-job}: everything that the job writes has another name then,
 * which {@code {drill}} makes unique.
 *
 * @param job as in a failover, but with the arguments {@code drill.args}
 * @param topics that the job writes to, {@code drill.topics}, as production calls them; a drill makes {@code {drill}.}
 *     and that name
 * @param objects {@code drill.objects}: prefixes below which the drilled job writes, with {@code {drill}}; all that is
 *     there afterwards is deleted
 */
record DrillSettings(FlinkJobSettings job, List<String> topics, List<String> objects) {

    /** In the place of the drill's own word, which begins with {@code drill-}. */
    static final String DRILL = "{drill}";

    private static final String ARGS = "drill.args";
    private static final String TOPICS = "drill.topics";
    private static final String OBJECTS = "drill.objects";

    /** @throws InvalidPlatformException if the job could write to what is production's, or a setting is missing */
    static DrillSettings of(ProtectionGroup group, AssetSpec spec) {
        FlinkJobSettings job = FlinkJobSettings.of(spec);
        List<String> args = words(spec.required(ARGS));
        List<String> topics = words(spec.setting(TOPICS).orElse(""));
        List<String> objects = words(spec.setting(OBJECTS).orElse(""));
        List<String> wrong = new ArrayList<>();
        if (args.stream().noneMatch(arg -> arg.contains(DRILL))) {
            wrong.add(ARGS + " does not contain " + DRILL + ", so that the job would use production's names");
        }
        if (args.stream().anyMatch(arg -> arg.contains("{epoch}"))) {
            wrong.add(ARGS + " contains {epoch}, which is the active region's: use " + DRILL);
        }
        for (String topic : topics) {
            if (args.stream().noneMatch(arg -> arg.contains(DRILL + "." + topic))) {
                wrong.add(ARGS + " does not contain " + DRILL + "." + topic + ", though " + TOPICS + " has " + topic);
            }
            if (args.stream()
                    .anyMatch(arg -> arg.replace(DRILL + "." + topic, "").contains(topic))) {
                wrong.add(ARGS + " contains " + topic + ", which " + TOPICS + " says the job writes to");
            }
            if (group.patterns(AssetSpec.KAFKA_TOPIC).stream()
                    .anyMatch(pattern -> Pattern.matches(pattern, "drill-20261123t000000z." + topic))) {
                wrong.add("the group's topics include drill-*." + topic + ", which would be mirrored: let their pattern"
                        + " not begin with a wildcard");
            }
        }
        objects.stream()
                .filter(prefix -> !prefix.contains("/" + DRILL))
                .forEach(prefix -> wrong.add(OBJECTS + ": " + prefix + " has no folder that begins with " + DRILL));
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong.stream()
                    .map(why -> "assets: flink-job " + job.name() + ": " + why)
                    .toList());
        }
        return new DrillSettings(
                new FlinkJobSettings(job.name(), job.jar(), job.entryClass(), job.parallelism(), args, job.older()),
                topics,
                objects);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }

    Submission submission(String region, String bootstrap, String drill, String savepoint, String jobId) {
        List<String> substituted = job.arguments().stream()
                .map(argument -> argument.replace("{bootstrap}", bootstrap)
                        .replace("{region}", region)
                        .replace(DRILL, drill))
                .toList();
        return new Submission(
                job.entryClass(), job.parallelism(), substituted, Optional.of(savepoint), Optional.of(jobId));
    }
}
