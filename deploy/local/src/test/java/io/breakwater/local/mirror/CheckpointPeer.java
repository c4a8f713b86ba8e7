package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** MirrorMaker's own group sync beside ours, on the same worker and the same records, with groups of its own. */
final class CheckpointPeer {

    /** Of the groups that it syncs; ours does not know them. */
    static final String PREFIX = "mm2-set-";

    private static final String NAME = "mm2-checkpoints";

    private CheckpointPeer() {}

    /** With the settings that make it most exact: every second, its offset syncs on the standby. */
    static void start(MirrorPair pair) throws InterruptedException {
        String flow = new ConnectorName(MirrorPair.GROUP, AssetSpec.KAFKA_TOPIC, MirrorPair.FLOW).toString();
        Map<String, String> mirror = pair.connect.config(flow).ifOk().orElseThrow();
        Map<String, String> settings = mirror.entrySet().stream()
                .filter(e -> e.getKey().startsWith("source.cluster.")
                        || e.getKey().startsWith("target.cluster.")
                        || e.getKey().startsWith("offset-syncs.")
                        || e.getKey().equals("replication.policy.class")
                        || e.getKey().equals("topics"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
        settings.put("connector.class", "org.apache.kafka.connect.mirror.MirrorCheckpointConnector");
        settings.put("tasks.max", "1");
        settings.put("groups", PREFIX + ".*");
        settings.put("checkpoints.topic.replication.factor", "1");
        settings.put("sync.group.offsets.enabled", "true");
        settings.put("sync.group.offsets.interval.seconds", "1");
        settings.put("emit.checkpoints.interval.seconds", "1");
        settings.put("refresh.groups.interval.seconds", "2");
        assertThat(pair.connect.createStopped(NAME, settings).ifOk()).isPresent();
        assertThat(pair.connect.resume(NAME).ifOk()).isPresent();
    }
}
