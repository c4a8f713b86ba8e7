package io.breakwater.controller.app;

import io.breakwater.controller.api.ClientPositions;
import io.breakwater.controller.core.GroupState;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.MirrorTail;
import io.breakwater.region.PositionTranslator;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.RegionClients;
import io.breakwater.region.SegmentTranslator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Positions of clients, searched in the segments of their group. The region that was left is asked only where nothing
 * else can tell, and only if it lives. Thread-safe: each call has consumers of its own.
 */
final class RegionPositions implements ClientPositions {

    private static final Logger LOG = LoggerFactory.getLogger(RegionPositions.class);
    private static final long ALIVE_SECONDS = 2;

    private final RegionClients clients;

    RegionPositions(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public SortedMap<PartitionKey, Translation> translate(Flow flow, GroupState group, OffsetVector positions)
            throws InterruptedException {
        Map<String, Object> target = clients.kafka(flow.to());
        SortedMap<PartitionKey, SortedSet<Long>> wanted = new TreeMap<>();
        positions.ends().forEach((partition, offset) -> wanted.put(partition, new TreeSet<>(Set.of(offset))));
        Optional<Uuid> sourceClusterId;
        try (MirrorTail tail = new MirrorTail(target)) {
            sourceClusterId = tail.sourceClusterId(wanted.keySet());
        }
        // Before the second move nothing on that side came from here.
        Optional<Map<String, Object>> source = group.segments().segments().size() > 1 && isAlive(flow.from())
                ? Optional.of(clients.kafka(flow.from()))
                : Optional.empty();
        SortedMap<PartitionKey, Translation> translations = new TreeMap<>();
        try (SegmentTranslator translator =
                new SegmentTranslator(flow, new PositionTranslator(target, flow.from()), source)) {
            translator
                    .search(group.segments(), sourceClusterId, Map.of(), wanted)
                    .forEach((partition, found) ->
                            found.values().forEach(translation -> translations.put(partition, translation)));
        }
        return translations;
    }

    private boolean isAlive(String region) throws InterruptedException {
        try {
            clients.admin(region).describeCluster().clusterId().get(ALIVE_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("positions are translated without the region that was left: region={} cause={}", region, "" + e);
            return false;
        }
    }
}
