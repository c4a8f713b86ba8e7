package io.breakwater.controller.runbook.steps;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Platform;
import io.breakwater.platform.Region.ObjectStoreSite;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.DeltaTables;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import java.util.ArrayList;
import java.util.List;

/** The Delta tables of a group in one region: those that are named, there or not, and those that are found there. */
record GroupTables(String region, ObjectStore store, List<Table> tables) {

    /**
     * @param path as in the platform file: the same in both regions
     * @param log of the table in the region
     */
    record Table(String name, String path, DeltaLogFiles log) {}

    GroupTables {
        tables = List.copyOf(tables);
    }

    /** @throws io.breakwater.region.ObjectStoreException if the region's store is asked and does not answer */
    static GroupTables of(Platform platform, RegionClients clients, String group, String region) {
        ObjectStoreSite site = platform.region(region).objectStore();
        ObjectStore store = clients.objectStore(region);
        List<Table> tables = new ArrayList<>();
        for (AssetSpec spec : platform.group(group).assets(AssetSpec.DELTA_TABLE)) {
            for (DeltaTables.Table table : DeltaTables.of(spec, site, store)) {
                ObjectUri root = ObjectUri.parse(site.locate(table.path()));
                tables.add(new Table(table.name(), table.path(), new DeltaLogFiles(store, root)));
            }
        }
        return new GroupTables(region, store, tables);
    }

    List<ObjectUri> roots() {
        return tables.stream().map(table -> table.log().table()).toList();
    }
}
