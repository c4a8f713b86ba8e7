package io.breakwater.replicator.flink;

import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.InvalidPlatformException;
import io.breakwater.platform.ProtectionGroup;
import io.breakwater.region.DeltaTables;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tables that a job is declared to read or write: its setting {@code tables}, with names of tables of the group,
 * separated by commas. What a job's state says about tables is known to the job's connectors only, so it is declared.
 *
 * @param paths by the tables' names, as in the platform file, with the role of their bucket
 */
record JobTables(SortedMap<String, String> paths) {

    static final JobTables NONE = new JobTables(new TreeMap<>());

    private static final String TABLES = "tables";
    private static final String DELAY = "delay";

    /** @throws InvalidPlatformException if one is no table of the group, or its versions are held back */
    static JobTables of(ProtectionGroup group, AssetSpec job) {
        SortedMap<String, String> paths = new TreeMap<>();
        List<AssetSpec> tables = group.assets(AssetSpec.DELTA_TABLE);
        for (String name : job.setting(TABLES).stream()
                .flatMap(names -> Arrays.stream(names.split(",", -1)))
                .map(String::strip)
                .toList()) {
            AssetSpec table = tables.stream()
                    .filter(spec -> DeltaTables.path(spec, name).isPresent())
                    .findFirst()
                    .orElseThrow(() -> wrong(
                            job,
                            "'" + name + "' is meant by no delta-table asset of the group; it is a list of tables'"
                                    + " names separated by commas, as the receipts call them"));
            Optional<String> delay = table.setting(DELAY);
            if (delay.isPresent()) {
                throw wrong(
                        job,
                        "table '" + name + "' has a delay of " + delay.get() + ": no snapshot of the job could be"
                                + " restored before that; take the delay from the table, or the table from the job");
            }
            paths.put(name, DeltaTables.path(table, name).orElseThrow());
        }
        return new JobTables(paths);
    }

    private static InvalidPlatformException wrong(AssetSpec job, String why) {
        return new InvalidPlatformException(
                List.of("assets: flink-job " + job.required("name") + ": " + TABLES + ": " + why));
    }

    boolean isEmpty() {
        return paths.isEmpty();
    }
}
