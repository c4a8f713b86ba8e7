package io.breakwater.replicator.delta;

import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.replicator.FlowConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mirrors the Delta tables of a group from one region's object store to the other's, and announces each version that
 * is complete there. The tables are spread over the tasks. Where assets are patterns or prefixes, it looks for new
 * tables again and again: the setting {@value #SEARCH} says how often, in seconds, from 1 on; 30 unless it is given.
 */
public final class DeltaMirrorConnector extends SourceConnector {

    private static final Logger LOG = LoggerFactory.getLogger(DeltaMirrorConnector.class);

    /** How often to look for new tables, in seconds. */
    public static final String SEARCH = "breakwater.search.seconds";

    private static final ConfigDef DEFINITION = new ConfigDef(FlowConfig.DEFINITION)
            .define(
                    SEARCH,
                    ConfigDef.Type.INT,
                    30,
                    ConfigDef.Range.atLeast(1),
                    ConfigDef.Importance.LOW,
                    "how often to look for new tables, in seconds");

    /** The number of a task among those of the connector. */
    static final String TASK = "breakwater.task";

    private final TableSpread spread = new TableSpread();
    private Map<String, String> settings = Map.of();
    private @Nullable TableSearch search;
    private @Nullable ScheduledExecutorService searching;
    private @Nullable ScheduledFuture<?> looks;
    private volatile List<AssignedTable> tables = List.of();

    @Override
    public String version() {
        return "1";
    }

    @Override
    public ConfigDef config() {
        return DEFINITION;
    }

    @Override
    public void start(Map<String, String> given) {
        settings = Map.copyOf(given);
        TableSearch started = new TableSearch(new FlowConfig(given));
        search = started;
        if (!started.isOpen()) {
            tables = started.find();
            return;
        }
        try {
            tables = started.find();
        } catch (ObjectStoreException e) {
            LOG.warn("the source does not say which tables it has; those with a replica go on: {}", e.getMessage());
            tables = started.findReplicas();
        }
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread named = new Thread(work, "delta-table-search");
            named.setDaemon(true);
            return named;
        });
        int seconds = new AbstractConfig(DEFINITION, given, false).getInt(SEARCH);
        looks = thread.scheduleWithFixedDelay(() -> look(started), seconds, seconds, TimeUnit.SECONDS);
        searching = thread;
    }

    private void look(TableSearch where) {
        try {
            List<AssignedTable> found = where.find();
            if (!found.equals(tables)) {
                tables = found;
                context().requestTaskReconfiguration();
            }
        } catch (ObjectStoreException e) {
            // The tables that are known go on, and say what is wrong; a later look may find more.
            LOG.debug("looking for tables", e);
        } catch (InvalidPlatformException | ConfigException e) {
            context().raiseError(e);
        }
    }

    @Override
    public Class<? extends Task> taskClass() {
        return DeltaMirrorTask.class;
    }

    @Override
    public List<Map<String, String>> taskConfigs(int maxTasks) {
        List<Map<String, String>> configs = new ArrayList<>();
        for (List<AssignedTable> some : spread.over(maxTasks, tables)) {
            Map<String, String> config = new TreeMap<>(settings);
            config.put(AssignedTable.SETTING, AssignedTable.toSetting(some));
            config.put(TASK, Integer.toString(configs.size()));
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
        ScheduledFuture<?> planned = looks;
        if (planned != null) {
            planned.cancel(true);
        }
        ScheduledExecutorService thread = searching;
        if (thread != null) {
            thread.shutdownNow();
            searching = null;
        }
        TableSearch ended = search;
        if (ended != null) {
            ended.close();
            search = null;
        }
        settings = Map.of();
    }
}
