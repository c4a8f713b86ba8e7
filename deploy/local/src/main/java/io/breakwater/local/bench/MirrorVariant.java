package io.breakwater.local.bench;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The settings of what is compared, by the flow's own: all of them read committed records and write exactly once. */
enum MirrorVariant {
    /** MirrorMaker 2 as it comes, with what it needs to be exact and to run on clusters of one broker. */
    MM2_DEFAULT("mm2-default"),
    /** MirrorMaker 2 with all consumer and producer settings of the flow, which made it fastest here; no stamp. */
    MM2_TUNED("mm2-tuned"),
    /** The flow as Breakwater runs it. */
    OURS("ours");

    private final String label;

    MirrorVariant(String label) {
        this.label = label;
    }

    /** As the results name it. */
    String label() {
        return label;
    }

    /**
     * @param flow the settings that Breakwater made for its flow
     * @param topic the one topic to mirror
     */
    Map<String, String> settings(Map<String, String> flow, String topic) {
        Map<String, String> settings = new TreeMap<>(
                switch (this) {
                    case OURS -> flow;
                    case MM2_DEFAULT -> mirrorMaker(flow);
                    case MM2_TUNED -> tuned(flow);
                });
        settings.put("topics", topic.replace(".", "\\."));
        return settings;
    }

    private static Map<String, String> mirrorMaker(Map<String, String> flow) {
        Map<String, String> settings = flow.entrySet().stream()
                .filter(e ->
                        e.getKey().startsWith("source.cluster.") || e.getKey().startsWith("target.cluster."))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
        settings.put("connector.class", "org.apache.kafka.connect.mirror.MirrorSourceConnector");
        settings.put("replication.policy.class", "org.apache.kafka.connect.mirror.IdentityReplicationPolicy");
        settings.put("tasks.max", "1");
        settings.put("replication.factor", "1");
        settings.put("offset-syncs.topic.replication.factor", "1");
        settings.put("exactly.once.support", "required");
        settings.put("source.consumer.isolation.level", "read_committed");
        return settings;
    }

    private static Map<String, String> tuned(Map<String, String> flow) {
        Map<String, String> settings = mirrorMaker(flow);
        flow.forEach((key, value) -> {
            if (key.startsWith("source.consumer.") || key.startsWith("producer.override.")) {
                settings.put(key, value);
            }
        });
        return settings;
    }
}
