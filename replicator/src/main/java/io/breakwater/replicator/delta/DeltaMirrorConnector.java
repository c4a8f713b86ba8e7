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
 * tables every {@value #SEARCH_SECONDS} seconds.
 */
public final class DeltaMirrorConnector extends SourceConnector {

    private static final Logger LOG = LoggerFactory.getLogger(DeltaMirrorConnector.class);
    private static final int SEARCH_SECONDS = 30;

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
        return FlowConfig.DEFINITION;
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
        look(started, false);
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread named = new Thread(work, "delta-table-search");
            named.setDaemon(true);
            return named;
        });
        looks = thread.scheduleWithFixedDelay(
                () -> look(started, true), SEARCH_SECONDS, SEARCH_SECONDS, TimeUnit.SECONDS);
        searching = thread;
    }

    private void look(TableSearch where, boolean tell) {
        try {
            List<AssignedTable> found = where.find();
            if (!found.equals(tables)) {
                tables = found;
                if (tell) {
                    context().requestTaskReconfiguration();
                }
            }
        } catch (ObjectStoreException e) {
            // The tables that are known go on; the next look may find more.
            LOG.warn("looking for tables: {}", e.getMessage());
        } catch (InvalidPlatformException | ConfigException e) {
            if (!tell) {
                throw e;
            }
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
