package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.region.GroupTopics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.common.TopicPartition;

/**
 * Which groups and topics belong to a protection group, and what its assets of kind {@code consumer-group} declare:
 *
 * <ul>
 *   <li>{@code pattern}: a regular expression over the whole name of a group;
 *   <li>{@code outputs}: topics that the group writes, separated by commas (see {@link OutputGate});
 *   <li>{@code deletions}: {@code follow} (the default: what is deleted on the source is deleted on the standby) or
 *       {@code keep}.
 * </ul>
 *
 * The first asset whose pattern matches counts. For one thread.
 */
public final class GroupSelection {

    private static final String PATTERN = "pattern";
    private static final String OUTPUTS = "outputs";
    private static final String DELETIONS = "deletions";
    private static final String FOLLOW = "follow";
    private static final String KEEP = "keep";

    private final List<Declared> declared;
    private final GroupTopics topics;

    private record Declared(Pattern pattern, Set<String> outputs, boolean followsDeletions) {}

    /** @throws InvalidPlatformException if a setting of an asset is unknown or wrong */
    public GroupSelection(ProtectionGroup group) {
        List<String> wrong = new ArrayList<>();
        topics = new GroupTopics(group);
        declared = group.assets(AssetSpec.CONSUMER_GROUP).stream()
                .map(asset -> declared(asset, topics, wrong))
                .toList();
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
    }

    private static Declared declared(AssetSpec asset, GroupTopics topics, List<String> wrong) {
        String at = "assets: consumer-group '" + asset.required(PATTERN) + "': ";
        asset.settings().keySet().stream()
                .filter(key -> !Set.of(PATTERN, OUTPUTS, DELETIONS).contains(key))
                .forEach(key -> wrong.add(
                        at + "unknown key '" + key + "'; known are " + PATTERN + ", " + OUTPUTS + " and " + DELETIONS));
        String deletions = asset.setting(DELETIONS).orElse(FOLLOW);
        if (!Set.of(FOLLOW, KEEP).contains(deletions)) {
            wrong.add(at + DELETIONS + " is '" + deletions + "'; it can be " + FOLLOW + " or " + KEEP);
        }
        Set<String> outputs = new TreeSet<>();
        asset.setting(OUTPUTS).stream()
                .flatMap(names -> Arrays.stream(names.split(",", -1)))
                .map(String::strip)
                .forEach(outputs::add);
        outputs.stream()
                .filter(topic -> !topics.contains(topic))
                .forEach(topic -> wrong.add(at + OUTPUTS + " has '" + topic + "', which no kafka-topic asset of the"
                        + " group matches; it is a list of mirrored topics separated by commas"));
        return new Declared(Pattern.compile(asset.required(PATTERN)), outputs, deletions.equals(FOLLOW));
    }

    public boolean contains(String group) {
        return of(group).isPresent();
    }

    public boolean contains(TopicPartition partition) {
        return topics.contains(partition.topic());
    }

    /** The topics that the group is declared to write. */
    public Set<String> outputs(String group) {
        return of(group).map(Declared::outputs).orElse(Set.of());
    }

    boolean declaresOutputs() {
        return declared.stream().anyMatch(asset -> !asset.outputs().isEmpty());
    }

    public boolean followsDeletions(String group) {
        return of(group).map(Declared::followsDeletions).orElse(false);
    }

    private Optional<Declared> of(String group) {
        return declared.stream()
                .filter(asset -> asset.pattern().matcher(group).matches())
                .findFirst();
    }

    static PartitionKey key(TopicPartition partition) {
        return new PartitionKey(partition.topic(), partition.partition());
    }
}
