package io.breakwater.controller.app;

import io.breakwater.controller.api.TableVersions;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.Platform;
import io.breakwater.region.DeltaTables;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.RegionClients;
import io.breakwater.region.VersionTimes;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;

/** What mirrors have noted beside the replicas of a platform's tables. */
record RegionTables(Platform platform, RegionClients clients) implements TableVersions {

    /** A table that was found, not named, is called by its path below the bucket, and is looked for there. */
    @Override
    public Optional<NavigableMap<Long, Instant>> times(String region, String group, String table) {
        for (AssetSpec spec : platform.group(group).assets(AssetSpec.DELTA_TABLE)) {
            boolean open = DeltaTables.isOpen(spec);
            String place = spec.setting("prefix").orElseGet(() -> spec.required("path"));
            if (!open && !spec.required("name").equals(table)) {
                continue;
            }
            String path = open ? place.substring(0, place.indexOf('/', "s3://".length()) + 1) + table : place;
            ObjectUri replica =
                    ObjectUri.parse(platform.region(region).objectStore().locate(path));
            NavigableMap<Long, Instant> times = new VersionTimes(clients.objectStore(region), replica).all();
            if (!times.isEmpty()) {
                return Optional.of(times);
            }
        }
        return Optional.empty();
    }
}
