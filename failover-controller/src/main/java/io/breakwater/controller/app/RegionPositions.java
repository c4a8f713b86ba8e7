package io.breakwater.controller.app;

import io.breakwater.controller.api.ClientPositions;
import io.breakwater.controller.core.GroupState;
import io.breakwater.platform.Flow;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.RegionClients;
import io.breakwater.region.StampedPositions;
import io.breakwater.region.StampedPositions.Answer;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;

/** Positions of clients, by the stamps on the active region. Thread-safe: each call has consumers of its own. */
final class RegionPositions implements ClientPositions {

    private final RegionClients clients;

    RegionPositions(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public SortedMap<PartitionKey, Translation> translate(Flow flow, GroupState group, OffsetVector positions) {
        SortedMap<PartitionKey, Translation> translations = new TreeMap<>();
        try (StampedPositions target = new StampedPositions(clients.kafka(flow.to()))) {
            Optional<Uuid> source = target.sourceClusterId(positions.ends().keySet());
            source.ifPresent(id -> target.translate(id, positions).forEach((partition, answer) -> {
                if (answer instanceof Answer.ByStamp found) {
                    translations.put(partition, new Translation(found.offset(), false));
                } else if (answer instanceof Answer.MirrorEnd end) {
                    translations.put(partition, new Translation(end.offset(), true));
                }
            }));
        }
        return translations;
    }
}
