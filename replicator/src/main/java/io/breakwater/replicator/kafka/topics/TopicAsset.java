package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ProtectionGroup;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the platform file says of an asset of kind {@code kafka-topic}:
 *
 * <ul>
 *   <li>{@code pattern}: a regular expression over the whole topic name
 *   <li>{@code deletion}: {@code keep} (default), or {@code delete-after} with {@code deleteAfter}, an ISO 8601
 *       duration: how long after its deletion on the source a topic is deleted on the standby
 *   <li>{@code record: system}: the topic is a system of record (a schema registry's {@code _schemas}, internal topics
 *       of Connect and Streams). It is mirrored like any other, record by record in order, and nothing else may write
 *       to its copy: a record there that the mirror did not write is an alarm
 *   <li>{@code failback: continue}: the only way there is, and the default. The old active region's topics stay, with
 *       what never reached the other one, and the flow goes on behind that. Making them anew is refused: positions,
 *       segments and the loss ledger are about the topics that are there
 * </ul>
 */
record TopicAsset(Pattern pattern, Optional<Duration> deleteAfter, boolean isSystem) {

    private static final String CONTINUE = "continue";

    private static final List<String> SETTINGS =
            List.of("pattern", "deletion", "deleteAfter", "record", "failback", "tasks");

    /** @throws InvalidPlatformException if a setting is not one of those */
    static List<TopicAsset> of(String groupName, ProtectionGroup group) {
        List<String> wrong = new ArrayList<>();
        List<TopicAsset> assets = group.assets(AssetSpec.KAFKA_TOPIC).stream()
                .map(spec -> of(
                        "groups." + groupName + ".assets: kafka-topic '" + spec.required("pattern") + "': ",
                        spec,
                        wrong))
                .toList();
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        return assets;
    }

    boolean contains(String topic) {
        return pattern.matcher(topic).matches();
    }

    private static TopicAsset of(String place, AssetSpec spec, List<String> wrong) {
        spec.settings().keySet().stream()
                .filter(setting -> !SETTINGS.contains(setting))
                .forEach(setting -> wrong.add(place + "unknown setting '" + setting + "'; known are " + SETTINGS));
        String failback = spec.setting("failback").orElse(CONTINUE);
        if (!failback.equals(CONTINUE)) {
            wrong.add(place + "failback '" + failback + "': expected " + CONTINUE + ", or nothing; the topics of the"
                    + " region that was left are never made anew: they stay, with what never reached the other region"
                    + " and is in its loss ledger, and the flow back goes on behind that");
        }
        String deletion = spec.setting("deletion").orElse("keep");
        Optional<Duration> after = Optional.empty();
        if (deletion.equals("delete-after")) {
            after = after(place, spec, wrong);
        } else if (!deletion.equals("keep")) {
            wrong.add(place + "deletion '" + deletion + "': expected keep or delete-after");
        } else if (spec.setting("deleteAfter").isPresent()) {
            wrong.add(place + "deleteAfter is of no use without deletion: delete-after");
        }
        String record = spec.setting("record").orElse("");
        if (!List.of("", "system").contains(record)) {
            wrong.add(place + "record '" + record + "': expected system, or nothing");
        }
        return new TopicAsset(Pattern.compile(spec.required("pattern")), after, record.equals("system"));
    }

    private static Optional<Duration> after(String place, AssetSpec spec, List<String> wrong) {
        String text = spec.setting("deleteAfter").orElse("");
        try {
            Duration after = Duration.parse(text);
            if (!after.isNegative()) {
                return Optional.of(after);
            }
            wrong.add(place + "deleteAfter " + text + " is negative");
        } catch (DateTimeParseException e) {
            wrong.add(place + "deleteAfter '" + text + "': delete-after needs an ISO 8601 duration, such as PT24H");
        }
        return Optional.empty();
    }
}
