package io.breakwater.controller.api;

import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;

/** When the versions of a group's tables stood at their source, as the replica's region has it. */
@FunctionalInterface
public interface TableVersions {

    /**
     * Blocks until the region's object store has been read; called on several threads at once.
     *
     * @param region that has the replica
     * @param table its name among the group's assets
     * @return times that ascend with the versions; empty if the group has no such table, or nothing of it was carried
     * @throws io.breakwater.region.ObjectStoreException if the store does not answer
     */
    Optional<NavigableMap<Long, Instant>> times(String region, String group, String table);
}
