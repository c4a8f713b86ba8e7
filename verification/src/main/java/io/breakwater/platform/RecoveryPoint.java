package io.breakwater.platform;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A consistent cut over all assets of a group, restorable on the standby now.
 *
 * @param sourceTime the oldest source time among its positions: what a failover to it would lose begins here
 * @param cut for each partition of the group's topics, the source offset up to which it is on the standby
 * @param positions the position chosen for each asset; a writer's inputs, and a job's derived outputs up to its snapshot,
 *     are all covered by {@code cut}
 */
public record RecoveryPoint(
        String group, Flow flow, Instant sourceTime, OffsetVector cut, SortedMap<AssetId, ReplicaPosition> positions) {

    /**
     * Selects the newest recovery point that the receipts allow: topics and groups at their newest position, and each
     * writer at its newest position whose inputs, and derived outputs, the topics' positions cover.
     *
     * @param receipts of one group and flow, each asset's oldest first
     * @param required assets that must be in it
     * @return empty if a required asset has no covered position
     */
    public static Optional<RecoveryPoint> newest(
            String group, Flow flow, Collection<AssetId> required, Collection<Receipt> receipts) {
        Map<AssetId, List<ReplicaPosition>> byAsset = new LinkedHashMap<>();
        for (Receipt receipt : receipts) {
            boolean isPosition = receipt.health().isEmpty();
            if (isPosition && receipt.group().equals(group) && receipt.flow().equals(flow)) {
                byAsset.computeIfAbsent(receipt.asset(), a -> new ArrayList<>()).add(receipt.position());
            }
        }
        OffsetVector cut = byAsset.values().stream()
                .map(positions -> positions.get(positions.size() - 1).through())
                .reduce(OffsetVector.EMPTY, OffsetVector::with);
        SortedMap<AssetId, ReplicaPosition> chosen = new TreeMap<>();
        byAsset.forEach((asset, positions) -> newestCovered(positions, cut).ifPresent(p -> chosen.put(asset, p)));
        if (chosen.isEmpty() || !chosen.keySet().containsAll(required)) {
            return Optional.empty();
        }
        Instant oldest = chosen.values().stream()
                .map(ReplicaPosition::sourceTime)
                .min(Comparator.naturalOrder())
                .orElseThrow();
        return Optional.of(new RecoveryPoint(group, flow, oldest, cut, chosen));
    }

    /** Whether the topics have what a position was made from, and what they have only because of it. */
    public static boolean isCovered(ReplicaPosition position, OffsetVector cut) {
        return cut.covers(position.inputs())
                && position.outputs()
                        .map(outputs -> cut.covers(outputs.gates()))
                        .orElse(true);
    }

    private static Optional<ReplicaPosition> newestCovered(List<ReplicaPosition> oldestFirst, OffsetVector cut) {
        for (int i = oldestFirst.size() - 1; i >= 0; i--) {
            if (isCovered(oldestFirst.get(i), cut)) {
                return Optional.of(oldestFirst.get(i));
            }
        }
        return Optional.empty();
    }
}
