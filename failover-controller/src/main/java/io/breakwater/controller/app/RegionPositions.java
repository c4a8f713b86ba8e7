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
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/** Positions of clients, by the stamps on the active region. Thread-safe: each call has consumers of its own. */
final class RegionPositions implements ClientPositions {

    private final RegionClients clients;

    RegionPositions(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public SortedMap<PartitionKey, Translation> translate(Flow flow, GroupState group, OffsetVector positions) {
        SortedMap<PartitionKey, SortedSet<Long>> wanted = new TreeMap<>();
        positions.ends().forEach((partition, offset) -> wanted.put(partition, new TreeSet<>(Set.of(offset))));
        SortedMap<PartitionKey, Translation> translations = new TreeMap<>();
        try (StampedPositions target = new StampedPositions(clients.kafka(flow.to()), Optional.of(flow.from()))) {
            Optional<Uuid> source = target.sourceClusterId(wanted.keySet());
            source.ifPresent(id -> target.translate(id, wanted)
                    .forEach((partition, answers) -> answers.values()
                            .forEach(answer ->
                                    translation(answer).ifPresent(found -> translations.put(partition, found)))));
        }
        return translations;
    }

    private static Optional<Translation> translation(Answer answer) {
        if (answer instanceof Answer.ByStamp found) {
            return Optional.of(new Translation(found.offset(), false));
        }
        if (answer instanceof Answer.Early early) {
            return Optional.of(new Translation(early.offset(), false, false));
        }
        return answer instanceof Answer.MirrorEnd end
                ? Optional.of(new Translation(end.offset(), true))
                : Optional.empty();
    }
}
