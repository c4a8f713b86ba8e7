package io.breakwater.replicator.delta;

import io.breakwater.platform.AssetSpec;
import io.breakwater.replicator.FlowConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.apache.kafka.connect.util.ConnectorUtils;

/**
 * Mirrors the Delta tables of a group from one region's object store to the other's, and announces each version that
 * is complete there. The tables are spread over the tasks.
 */
public final class DeltaMirrorConnector extends SourceConnector {

    /** The positions, in the group's list of tables, of those that a task carries: numbers with commas. */
    static final String TABLES = "breakwater.tables";

    private Map<String, String> settings = Map.of();
    private int tables;

    @Override
    public String version() {
        return "1";
    }

    @Override
    public ConfigDef config() {
        return FlowConfig.DEFINITION;
    }

    @Override
    public void start(Map<String, String> given) {
        settings = Map.copyOf(given);
        tables = new FlowConfig(given).group().assets(AssetSpec.DELTA_TABLE).size();
    }

    @Override
    public Class<? extends Task> taskClass() {
        return DeltaMirrorTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        if (tables == 0) {
            return List.of();
        }
        List<Integer> all = IntStream.range(0, tables).boxed().toList();
        List<Map<String, String>> configs = new ArrayList<>();
        for (List<Integer> some : ConnectorUtils.groupPartitions(all, Math.min(tables, maxTasks))) {
            Map<String, String> config = new TreeMap<>(settings);
            config.put(TABLES, some.stream().map(String::valueOf).collect(Collectors.joining(",")));
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
