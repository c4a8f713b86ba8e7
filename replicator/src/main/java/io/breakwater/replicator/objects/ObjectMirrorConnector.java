package io.breakwater.replicator.objects;

import io.breakwater.platform.AssetSpec;
import io.breakwater.replicator.FlowConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/**
 * Mirrors the objects below the prefixes of a group from one region's object store to the other's, and announces up to
 * when each replica is complete. The prefixes are spread over the tasks.
 */
public final class ObjectMirrorConnector extends SourceConnector {

    /** Of a task: which of the group's prefixes are its, by their place in the platform file, with commas between. */
    static final String PREFIXES = "breakwater.prefixes";

    /** The number of a task among those of the connector. */
    static final String TASK = "breakwater.task";

    private Map<String, String> settings = Map.of();
    private int prefixes;

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }

    @Override
    public ConfigDef config() {
        return FlowConfig.DEFINITION;
    }

    @Override
    public void start(Map<String, String> given) {
        FlowConfig config = new FlowConfig(given);
        PrefixAsset.check(config.groupName(), config.platform());
        prefixes = config.group().assets(AssetSpec.S3_PREFIX).size();
        settings = Map.copyOf(given);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return ObjectMirrorTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        int tasks = Math.min(maxTasks, prefixes);
        List<Map<String, String>> configs = new ArrayList<>();
        for (int task = 0; task < tasks; task++) {
            int own = task;
            Map<String, String> config = new TreeMap<>(settings);
            config.put(TASK, Integer.toString(task));
            config.put(
                    PREFIXES,
                    IntStream.range(0, prefixes)
                            .filter(prefix -> prefix % tasks == own)
                            .mapToObj(Integer::toString)
                            .collect(Collectors.joining(",")));
            configs.add(config);
        }
        return configs;
    }

    /** Receipts are written with the offsets that name them, in one transaction. */
    @Override
    public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> given) {
        return ExactlyOnceSupport.SUPPORTED;
    }

    @Override
    public void stop() {
        settings = Map.of();
    }
}
