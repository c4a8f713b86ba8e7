package io.breakwater.local.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.local.server.Principal;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** MirrorMaker's own source connector on the replicator's worker: no stamp, no guard. */
record PlainMirrorMaker(MirrorPair pair, String name) {

    static final String IDENTITY = "org.apache.kafka.connect.mirror.IdentityReplicationPolicy";
    static final String RENAMING = "org.apache.kafka.connect.mirror.DefaultReplicationPolicy";

    private static final Duration SOON = Duration.ofMinutes(2);

    /** The connector of the flow that takes over. */
    static String flow() {
        return new ConnectorName(MirrorPair.GROUP, AssetSpec.KAFKA_TOPIC, MirrorPair.FLOW).toString();
    }

    /** As docs/stamp.md says, for those who have nothing else of Breakwater. */
    static PlainMirrorMaker startStamping(MirrorPair pair, String name, String topics, String policy)
            throws InterruptedException {
        Map<String, String> stamp = new TreeMap<>();
        stamp.put("transforms", "stamp");
        stamp.put("transforms.stamp.type", "io.breakwater.replicator.kafka.ProvenanceStampTransform");
        pair.east
                .client(Principal.MIRROR)
                .forEach((key, value) -> stamp.put("transforms.stamp.source." + key, "" + value));
        stamp.put("header.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        stamp.put("errors.retry.timeout", "-1");
        return start(pair, name, topics, policy, stamp);
    }

    /** @param topics a regular expression */
    static PlainMirrorMaker start(MirrorPair pair, String name, String topics, String policy)
            throws InterruptedException {
        return start(pair, name, topics, policy, Map.of());
    }

    private static PlainMirrorMaker start(
            MirrorPair pair, String name, String topics, String policy, Map<String, String> more)
            throws InterruptedException {
        await().atMost(SOON).until(() -> pair.connect.config(flow()).ifOk().isPresent());
        Map<String, String> settings =
                new TreeMap<>(pair.connect.config(flow()).ifOk().orElseThrow());
        settings.remove("name");
        settings.keySet().removeIf(key -> key.startsWith("transforms"));
        settings.put("connector.class", "org.apache.kafka.connect.mirror.MirrorSourceConnector");
        settings.put("topics", topics);
        settings.put("replication.policy.class", policy);
        settings.putAll(more);
        assertThat(pair.connect.createStopped(name, settings).ifOk()).as(name).isPresent();
        assertThat(pair.connect.resume(name).ifOk()).as(name).isPresent();
        return new PlainMirrorMaker(pair, name);
    }

    interface Change {
        void make() throws Exception;
    }

    /** Has the flow that takes over go on with what was changed. */
    static void whileTheFlowIsStopped(MirrorPair pair, Change change) throws Exception {
        new PlainMirrorMaker(pair, flow()).stop();
        change.make();
        assertThat(pair.connect.resume(flow()).ifOk()).isPresent();
    }

    void stop() throws InterruptedException {
        assertThat(pair.connect.stop(name).ifOk()).as(name).isPresent();
        await().atMost(SOON)
                .until(() -> pair.connect
                        .status(name)
                        .ifOk()
                        .filter(status -> status.state().equals("STOPPED")
                                && status.tasks().isEmpty())
                        .isPresent());
    }

    /** As docs/topics.md says how to take over: the flow goes on behind the last record that this one mirrored. */
    void handOver() throws InterruptedException {
        stop();
        JsonNode offsets = pair.connect.offsets(name).ifOk().orElseThrow();
        assertThat(offsets.path("offsets")).isNotEmpty();
        assertThat(pair.connect.patchOffsets(flow(), offsets).ifOk()).isPresent();
    }
}
