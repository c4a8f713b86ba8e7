package io.breakwater.replicator;

import io.breakwater.platform.ConnectorName;
import io.breakwater.platform.Flow;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.Platform;
import io.breakwater.platform.PlatformFile;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.platform.Region;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigException;

/**
 * The settings of every connector of Breakwater's own, and of each of its tasks: which group of which platform file it
 * carries, and in which direction. Everything else is in the platform file. Immutable.
 */
public final class FlowConfig {

    public static final String PLATFORM = "breakwater.platform";
    public static final String GROUP = "breakwater.group";
    public static final String FROM = "breakwater.from";
    public static final String TO = "breakwater.to";

    /** What {@code Connector.config()} returns. */
    public static final ConfigDef DEFINITION = new ConfigDef()
            .define(PLATFORM, ConfigDef.Type.STRING, Importance.HIGH, "path of the platform file on this worker")
            .define(GROUP, ConfigDef.Type.STRING, Importance.HIGH, "the protection group")
            .define(FROM, ConfigDef.Type.STRING, Importance.HIGH, "the region that is read")
            .define(TO, ConfigDef.Type.STRING, Importance.HIGH, "the region that is written; the worker's own");

    private final Platform platform;
    private final String groupName;
    private final Flow flow;

    /**
     * @param settings of a connector or task; others than the four are ignored
     * @throws ConfigException if one is missing or names what the platform file does not have
     */
    public FlowConfig(Map<String, String> settings) {
        AbstractConfig config = new AbstractConfig(DEFINITION, settings, false);
        try {
            this.platform = PlatformFile.load(Path.of(config.getString(PLATFORM)));
            this.groupName = config.getString(GROUP);
            this.flow = new Flow(config.getString(FROM), config.getString(TO));
            platform.group(groupName);
            platform.region(flow.from());
            platform.region(flow.to());
        } catch (InvalidPlatformException | IllegalArgumentException e) {
            ConfigException wrong = new ConfigException(e.getMessage());
            wrong.initCause(e);
            throw wrong;
        }
    }

    /** The four settings for a connector of this flow. */
    public static Map<String, String> settings(Path platformFile, String group, Flow flow) {
        Map<String, String> settings = new TreeMap<>();
        settings.put(PLATFORM, platformFile.toAbsolutePath().toString());
        settings.put(GROUP, group);
        settings.put(FROM, flow.from());
        settings.put(TO, flow.to());
        return settings;
    }

    public Platform platform() {
        return platform;
    }

    /** The name of the group. */
    public String groupName() {
        return groupName;
    }

    public ProtectionGroup group() {
        return platform.group(groupName);
    }

    public Flow flow() {
        return flow;
    }

    /** The region that is read. */
    public Region from() {
        return platform.region(flow.from());
    }

    /** The region that is written. */
    public Region to() {
        return platform.region(flow.to());
    }

    /** The name of the connector that carries this kind of asset in this flow. */
    public ConnectorName connector(String kind) {
        return new ConnectorName(groupName, kind, flow);
    }
}
