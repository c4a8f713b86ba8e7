package io.breakwater.replicator.delta;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.DeltaTables;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectStoreException;
import io.breakwater.region.S3ObjectStore;
import io.breakwater.replicator.FlowConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;

/** Finds the tables that a group's assets mean, in the source's region. For one thread at a time. */
final class TableSearch implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final List<AssetSpec> specs;
    private final ObjectStoreSite from;
    private final ObjectStoreSite to;
    private final ObjectStore source;
    private final ObjectStore target;

    TableSearch(FlowConfig config) {
        this.specs = config.group().assets(AssetSpec.DELTA_TABLE);
        this.from = config.from().objectStore();
        this.to = config.to().objectStore();
        this.source = S3ObjectStore.connect(from, TIMEOUT);
        this.target = S3ObjectStore.connect(to, TIMEOUT);
    }

    /** Whether there may be other tables later. */
    boolean isOpen() {
        return specs.stream().anyMatch(DeltaTables::isOpen);
    }

    /**
     * The tables at the source.
     *
     * @throws ObjectStoreException if it does not answer
     * @throws ConfigException if two assets give two tables one name
     */
    List<AssignedTable> find() {
        return find(from, source);
    }

    /** Those that have a replica: what is known of the tables while the source does not answer. */
    List<AssignedTable> findReplicas() {
        return find(to, target);
    }

    private List<AssignedTable> find(ObjectStoreSite site, ObjectStore store) {
        Map<String, AssignedTable> byName = new LinkedHashMap<>();
        for (int i = 0; i < specs.size(); i++) {
            for (DeltaTables.Table table : DeltaTables.of(specs.get(i), site, store)) {
                AssignedTable assigned =
                        new AssignedTable(table.name(), table.path(), i, new FileShare(0, tasks(specs.get(i))));
                AssignedTable other = byName.putIfAbsent(table.name(), assigned);
                if (other != null && !other.path().equals(table.path())) {
                    throw new ConfigException("tables " + other.path() + " and " + table.path() + " are both called "
                            + table.name() + ": give one of them another name");
                }
            }
        }
        List<AssignedTable> found = new ArrayList<>(byName.values());
        // A table may be named and match a pattern too: the asset that names it comes first and counts.
        Collection<String> paths = new ArrayList<>();
        found.removeIf(table -> paths.contains(table.path()) || !paths.add(table.path()));
        return found;
    }

    private static int tasks(AssetSpec spec) {
        String given = spec.setting("tasks").orElse("1");
        if (!given.matches("[1-9][0-9]?")) {
            throw new ConfigException("assets: tasks of a table is '" + given + "': expected a number from 1 to 99");
        }
        return Integer.parseInt(given);
    }

    @Override
    public void close() {
        source.close();
        target.close();
    }
}
