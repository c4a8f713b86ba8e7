package io.breakwater.replicator.receipts;

import io.breakwater.replicator.FlowConfig;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.source.SourceConnector;

/** A connector of one task, configured by {@link FlowConfig} alone. */
public abstract class ReceiptConnector extends SourceConnector {

    private Map<String, String> settings = Map.of();

    @Override
    public void start(Map<String, String> connectorSettings) {
        settings = Map.copyOf(connectorSettings);
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        return List.of(settings);
    }

    @Override
    public ConfigDef config() {
        return FlowConfig.DEFINITION;
    }

    @Override
    public void stop() {
        settings = Map.of();
    }

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }
}
