package io.breakwater.local.mirror;

import io.breakwater.platform.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;

/** A topic with some of the properties that make its offsets on the standby differ from those on the source. */
record MixedTopic(String name, boolean transactional, boolean compacted, boolean trimmed) {

    private static final int PARTITIONS = 2;
    private static final int RANDOM = 2;

    /** One without and one with each property alone, and some with any of them. */
    static List<MixedTopic> some(Random random) {
        List<MixedTopic> topics = new ArrayList<>();
        topics.add(new MixedTopic("flights.plain", false, false, false));
        topics.add(new MixedTopic("flights.transactional", true, false, false));
        topics.add(new MixedTopic("flights.compacted", false, true, false));
        topics.add(new MixedTopic("flights.trimmed", false, false, true));
        for (int i = 0; i < RANDOM; i++) {
            topics.add(new MixedTopic(
                    "flights.random-" + i, random.nextBoolean(), random.nextBoolean(), random.nextBoolean()));
        }
        return topics;
    }

    List<PartitionKey> partitions() {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new PartitionKey(name, partition))
                .toList();
    }

    /** The active segment is never compacted, so a new one is begun often. Records of a mere log can be deleted. */
    NewTopic newTopic() {
        NewTopic topic = new NewTopic(name, PARTITIONS, (short) 1);
        return compacted
                ? topic.configs(Map.of(
                        "cleanup.policy",
                        trimmed ? "compact,delete" : "compact",
                        "segment.ms",
                        "1000",
                        "min.cleanable.dirty.ratio",
                        "0.001"))
                : topic;
    }

    @Override
    public String toString() {
        return name
                + (transactional ? " transactional" : "")
                + (compacted ? " compacted" : "")
                + (trimmed ? " trimmed" : "");
    }
}
