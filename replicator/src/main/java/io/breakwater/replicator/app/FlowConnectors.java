package io.breakwater.replicator.app;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.replicator.FlowConfig;
import io.breakwater.replicator.kafka.GroupMirrorConnector;
import io.breakwater.replicator.kafka.MirrorSettings;
import io.breakwater.replicator.kafka.TopicReceiptConnector;
import io.breakwater.replicator.kafka.access.AccessMirrorConnector;
import io.breakwater.replicator.kafka.groups.GroupSelection;
import io.breakwater.replicator.kafka.topics.TopicPolicyConnector;
import io.breakwater.replicator.objects.PrefixAsset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which connectors a region's worker has, by what the platform file says. */
final class FlowConnectors {

    /** Tables and prefixes are spread over so many at most; a connector makes no more tasks than it has of them. */
    private static final String MOST_TASKS = "4";

    private static final Set<String> SPREAD = Set.of(AssetSpec.DELTA_TABLE, AssetSpec.S3_PREFIX);

    private static final String DELTA_CLASS = "io.breakwater.replicator.delta.DeltaMirrorConnector";
    private static final String FLINK_CLASS = "io.breakwater.replicator.flink.SavepointMirrorConnector";

    private static final String OBJECTS_CLASS = "io.breakwater.replicator.objects.ObjectMirrorConnector";

    private static final Set<String> OF_TOPICS = Set.of(TopicReceiptConnector.KIND, TopicPolicyConnector.KIND);

    private FlowConnectors() {}

    /**
     * The configurations of all flows into a region, by connector name.
     *
     * @throws InvalidPlatformException if an asset cannot be carried
     */
    static SortedMap<String, Map<String, String>> into(String region, Platform platform, Path platformFile) {
        SortedMap<String, Map<String, String>> connectors = new TreeMap<>();
        platform.groups().forEach((name, group) -> {
            if (List.of(group.home(), group.standby()).contains(region)) {
                checkPatterns(name, group);
                AccessMirrorConnector.checkAssets(name, group);
                PrefixAsset.check(name, platform);
                Flow flow = new Flow(group.otherThan(region), region);
                add(connectors, platform, platformFile, name, flow);
            }
        });
        return connectors;
    }

    private static void add(
            Map<String, Map<String, String>> connectors, Platform platform, Path file, String group, Flow flow) {
        ProtectionGroup assets = platform.group(group);
        if (!assets.assets(AssetSpec.KAFKA_TOPIC).isEmpty()) {
            connectors.put(
                    new ConnectorName(group, AssetSpec.KAFKA_TOPIC, flow).toString(),
                    MirrorSettings.of(platform, group, flow));
        }
        Map<String, String> own = new TreeMap<>();
        own.put(TopicReceiptConnector.KIND, TopicReceiptConnector.class.getName());
        own.put(TopicPolicyConnector.KIND, TopicPolicyConnector.class.getName());
        own.put(AccessMirrorConnector.KIND, AccessMirrorConnector.class.getName());
        own.put(AssetSpec.CONSUMER_GROUP, GroupMirrorConnector.class.getName());
        own.put(AssetSpec.DELTA_TABLE, DELTA_CLASS);
        own.put(AssetSpec.FLINK_JOB, FLINK_CLASS);
        own.put(AssetSpec.S3_PREFIX, OBJECTS_CLASS);
        own.forEach((kind, connectorClass) -> {
            String assetKind = OF_TOPICS.contains(kind) ? AssetSpec.KAFKA_TOPIC : kind;
            if (!assets.assets(assetKind).isEmpty()) {
                Map<String, String> settings = new TreeMap<>(FlowConfig.settings(file, group, flow));
                settings.put("connector.class", connectorClass);
                settings.put("tasks.max", SPREAD.contains(kind) ? MOST_TASKS : "1");
                settings.putAll(
                        MirrorSettings.writingAs(platform.region(flow.to()).kafka()));
                connectors.put(new ConnectorName(group, kind, flow).toString(), settings);
            }
        });
    }

    private static void checkPatterns(String name, ProtectionGroup group) {
        List<String> wrong = new ArrayList<>();
        for (String kind : List.of(AssetSpec.KAFKA_TOPIC, AssetSpec.CONSUMER_GROUP)) {
            for (String pattern : group.patterns(kind)) {
                try {
                    Pattern.compile(pattern);
                } catch (PatternSyntaxException e) {
                    wrong.add("groups." + name + ".assets: " + kind + " pattern '" + pattern
                            + "' is no regular expression: " + e.getDescription());
                }
            }
        }
        if (!wrong.isEmpty()) {
            throw new InvalidPlatformException(wrong);
        }
        // Made here only for its checks.
        var unused = new GroupSelection(group);
    }
}
