package io.breakwater.replicator.kafka.topics;

import io.breakwater.platform.Alarm;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/**
 * What is to be done about the topics of a group, and what is wrong with them, from what both clusters have. Pure: time
 * and views are parameters. For one thread.
 *
 * <p>A topic is deleted on the standby only if it was seen on the source before, is gone there for as long as its asset
 * says, and the source still has another topic of the group: a source that shows none of them has more likely lost its
 * memory, or the flow its permission, than all of its topics.
 */
final class TopicPlan {

    /** For a topic that MirrorMaker is about to make or to grow. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private final List<TopicAsset> assets;
    private final String source;
    private final String target;
    /** Topics that the source had, and since when it does not. */
    private final SortedMap<String, Optional<Instant>> seen;

    private final SortedMap<String, Instant> behindSince = new TreeMap<>();

    /** A topic of the group, as a cluster has it. */
    record Topic(Uuid id, int partitions, boolean mayRead) {}

    record Plan(List<Alarm> alarms, List<String> deletions) {}

    /**
     * @param source its name, and the target's, for messages
     * @param seen what another plan has {@link #seen}
     */
    TopicPlan(List<TopicAsset> assets, String source, String target, Map<String, Optional<Instant>> seen) {
        this.assets = assets;
        this.source = source;
        this.target = target;
        this.seen = new TreeMap<>(seen);
    }

    /** For a plan of the next task. */
    SortedMap<String, Optional<Instant>> seen() {
        return new TreeMap<>(seen);
    }

    /**
     * @param sources topics of the group on the source
     * @param targets topics of the group on the target
     * @param targetNames all that the target has
     */
    Plan next(Map<String, Topic> sources, Map<String, Topic> targets, Iterable<String> targetNames, Instant now) {
        List<Alarm> alarms = new ArrayList<>();
        assets.stream()
                .filter(asset -> sources.keySet().stream().noneMatch(asset::contains))
                .forEach(asset -> alarms.add(noTopic(asset)));
        sources.forEach((name, topic) -> {
            seen.put(name, Optional.empty());
            if (!topic.mayRead()) {
                alarms.add(noPermission(name));
            }
            compare(name, topic, Optional.ofNullable(targets.get(name)), now).ifPresent(alarms::add);
        });
        behindSince.keySet().retainAll(sources.keySet());
        for (String name : targetNames) {
            if (name.startsWith(source + ".") && sources.containsKey(name.substring(source.length() + 1))) {
                alarms.add(renamed(name));
            }
        }
        return new Plan(alarms, deletions(sources, targets, now));
    }

    private List<String> deletions(Map<String, Topic> sources, Map<String, Topic> targets, Instant now) {
        seen.keySet().removeIf(name -> !sources.containsKey(name) && !targets.containsKey(name));
        if (sources.isEmpty()) {
            return List.of();
        }
        seen.replaceAll((name, since) -> sources.containsKey(name) ? Optional.empty() : Optional.of(since.orElse(now)));
        return seen.entrySet().stream()
                .filter(topic -> topic.getValue()
                        .filter(since -> deleteAfter(topic.getKey())
                                .filter(after -> !since.plus(after).isAfter(now))
                                .isPresent())
                        .isPresent())
                .map(Map.Entry::getKey)
                .toList();
    }

    private Optional<Duration> deleteAfter(String topic) {
        return assets.stream()
                .filter(asset -> asset.contains(topic))
                .findFirst()
                .flatMap(TopicAsset::deleteAfter);
    }

    private Optional<Alarm> compare(String name, Topic topic, Optional<Topic> copy, Instant now) {
        int there = copy.map(Topic::partitions).orElse(0);
        if (there > topic.partitions()) {
            return Optional.of(new Alarm(
                    "partitions",
                    name,
                    "topic " + name + " has " + there + " partitions on " + target + " and " + topic.partitions()
                            + " on " + source + ": its records are mirrored, but after a failover keys would go to"
                            + " other partitions; add partitions on " + source + ", or delete the topic on " + target
                            + " so that the mirror makes it anew",
                    false));
        }
        if (there == topic.partitions()) {
            behindSince.remove(name);
            return Optional.empty();
        }
        Instant since = behindSince.computeIfAbsent(name, n -> now);
        return since.plus(PATIENCE).isAfter(now)
                ? Optional.empty()
                : Optional.of(new Alarm(
                        "partitions",
                        name,
                        "topic " + name + " has " + topic.partitions() + " partitions on " + source + " and " + there
                                + " on " + target + ", where MirrorMaker did not make the others in " + PATIENCE
                                + ": is the flow's principal allowed to CREATE and ALTER topics on " + target
                                + "? the worker's log says more",
                        true));
    }

    private Alarm noTopic(TopicAsset asset) {
        return new Alarm(
                "no-topic",
                asset.pattern().pattern(),
                "no topic on " + source + " that the flow's principal may see matches the kafka-topic pattern '"
                        + asset.pattern() + "': make the topic, allow the principal DESCRIBE and READ on it, or"
                        + " correct the pattern in the platform file",
                true);
    }

    private Alarm noPermission(String name) {
        return new Alarm(
                "no-permission",
                name,
                "the flow's principal may not read topic " + name + " on " + source
                        + ": allow it READ; the other topics go on",
                true);
    }

    private Alarm renamed(String name) {
        return new Alarm(
                "renamed-copy",
                name,
                "topic " + name + " on " + target + " looks like a copy by another mirror, which renames topics"
                        + " (DefaultReplicationPolicy): Breakwater's copy has the source's name; end the other mirror"
                        + " or give it the identity policy, and move its consumers",
                false);
    }
}
