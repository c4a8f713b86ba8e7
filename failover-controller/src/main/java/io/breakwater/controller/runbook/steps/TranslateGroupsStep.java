package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.core.GroupState;
import io.breakwater.controller.runbook.Preview;
import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.platform.SegmentHistory;
import io.breakwater.region.PositionTranslator.Translation;
import io.breakwater.region.RegionClients;
import io.breakwater.region.SegmentTranslator;
import io.breakwater.region.StandbyGroups;
import io.breakwater.region.StandbyPositions.Done;
import io.breakwater.region.StandbyPositions.Position;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Translates the newest known source positions of each consumer group once more, now that the last mirrored record has
 * arrived, and writes them. A group with members on the promoted region is left alone. So is a position that cannot
 * be told with the source dead: what the group's mirror wrote while it lived stays.
 */
public final class TranslateGroupsStep implements RunbookStep {

    /** So many positions are listed in the detail; it goes through consensus. */
    private static final int LISTED = 50_000;

    /** So many groups are written at once. */
    private static final int AT_ONCE = 100;

    private static final Logger LOG = LoggerFactory.getLogger(TranslateGroupsStep.class);

    private final RegionClients clients;

    /**
     * @param written how many groups
     * @param positions how many positions of them in all
     * @param groups the written positions by group, on the promoted region; at most {@link #LISTED} partitions in all
     * @param active groups that were left alone
     */
    private record Detail(
            int written,
            int positions,
            SortedMap<String, SortedMap<PartitionKey, Long>> groups,
            SortedSet<String> active) {}

    public TranslateGroupsStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return "translate-groups";
    }

    @Override
    public String preview(Preview preview) {
        return "sets positions of consumer groups " + preview.assets(AssetSpec.CONSUMER_GROUP) + " in "
                + preview.flow().to();
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        SortedMap<String, OffsetVector> committed = committed(context);
        // A planned operation reads the last positions; if the region died since its beginning, receipts have to do.
        Optional<Map<String, OffsetVector>> last = lastCommitted(context);
        last.ifPresent(positions -> committed.putAll(positions));
        Segments segments = context.detail(RecordSegmentsStep.ID, Segments.class);
        if (committed.isEmpty() || segments.sourceClusterId().isEmpty()) {
            return StepOutcome.done(new Detail(0, 0, new TreeMap<>(), new TreeSet<>()));
        }
        Optional<Uuid> source = segments.sourceClusterId().map(Uuid::fromString);
        SegmentHistory history =
                context.state().group(context.group()).map(GroupState::segments).orElse(SegmentHistory.NONE);
        // Positions on records that came from the promoted region itself are looked up on the source, if it lives.
        Optional<Map<String, Object>> living =
                last.map(positions -> clients.kafka(context.flow().from()));
        String region = context.flow().to();
        StandbyGroups groups = new StandbyGroups(clients.admin(region));
        try (SegmentTranslator translator = new SegmentTranslator(context.flow(), clients.kafka(region), living)) {
            Set<String> active = groups.active(committed.keySet());
            committed.keySet().removeAll(active);
            // All groups in one search: what is read for one position serves the others.
            Map<PartitionKey, SortedSet<Long>> wanted = new TreeMap<>();
            committed
                    .values()
                    .forEach(positions -> positions
                            .ends()
                            .forEach((partition, at) -> wanted.computeIfAbsent(partition, p -> new TreeSet<>())
                                    .add(at)));
            SortedMap<PartitionKey, SortedMap<Long, Translation>> found =
                    translator.search(history, source, Map.of(), wanted);
            SortedMap<String, SortedMap<PartitionKey, Long>> positions = new TreeMap<>();
            committed.forEach((group, own) -> positions.put(group, translated(own, found)));
            SortedMap<String, String> refused = write(groups, positions, active);
            return refused.isEmpty()
                    ? StepOutcome.done(detail(positions, active))
                    : new StepOutcome.Failed("translating group positions: region " + region + " refuses " + refused);
        } catch (KafkaException e) {
            return new StepOutcome.Failed("translating group positions on region " + region + ": " + e);
        }
    }

    /**
     * Some groups at a time, so that neither their texts nor the requests under way are many.
     *
     * @param positions the groups that became active meanwhile are taken out, and put into the active ones
     * @return why, by group
     */
    private static SortedMap<String, String> write(
            StandbyGroups groups, SortedMap<String, SortedMap<PartitionKey, Long>> positions, Set<String> active)
            throws InterruptedException {
        SortedMap<String, String> refused = new TreeMap<>();
        List<String> names = List.copyOf(positions.keySet());
        for (int from = 0; from < names.size(); from += AT_ONCE) {
            Map<String, Map<PartitionKey, Position>> some = new TreeMap<>();
            for (String group : names.subList(from, Math.min(names.size(), from + AT_ONCE))) {
                Map<PartitionKey, Position> own = new TreeMap<>();
                positions
                        .getOrDefault(group, new TreeMap<>())
                        .forEach((partition, offset) -> own.put(partition, Position.at(offset)));
                some.put(group, own);
            }
            groups.write(some).forEach((group, outcome) -> {
                if (!(outcome instanceof Done done)) {
                    active.add(group);
                } else if (!done.refused().isEmpty()) {
                    refused.put(group, String.join("; ", done.refused().values()));
                }
            });
        }
        positions.keySet().removeAll(active);
        return refused;
    }

    private static Detail detail(SortedMap<String, SortedMap<PartitionKey, Long>> positions, Set<String> active) {
        SortedMap<String, SortedMap<PartitionKey, Long>> listed = new TreeMap<>();
        int partitions = 0;
        for (Map.Entry<String, SortedMap<PartitionKey, Long>> group : positions.entrySet()) {
            partitions += group.getValue().size();
            if (partitions <= LISTED) {
                listed.put(group.getKey(), group.getValue());
            }
        }
        return new Detail(positions.size(), partitions, listed, new TreeSet<>(active));
    }

    private static SortedMap<PartitionKey, Long> translated(
            OffsetVector committed, SortedMap<PartitionKey, SortedMap<Long, Translation>> found) {
        SortedMap<PartitionKey, Long> positions = new TreeMap<>();
        committed
                .ends()
                .forEach((partition, at) -> Optional.ofNullable(found.get(partition))
                        .map(translations -> translations.get(at))
                        .ifPresent(translation -> positions.put(partition, translation.offset())));
        return positions;
    }

    /** Empty if the region that is left is not there to be asked. */
    private Optional<Map<String, OffsetVector>> lastCommitted(StepContext context) throws InterruptedException {
        if (!context.operation().isPlanned()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SourceGroups(
                            clients.admin(context.flow().from()),
                            context.platform().group(context.group()))
                    .committed());
        } catch (KafkaException e) {
            LOG.warn(
                    "region={} does not tell its groups' last positions, receipts count: {}",
                    context.flow().from(),
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** The newest of each group; receipts are oldest first. */
    private static SortedMap<String, OffsetVector> committed(StepContext context) {
        SortedMap<String, OffsetVector> committed = new TreeMap<>();
        for (Receipt receipt : context.receipts()) {
            if (receipt.group().equals(context.group())
                    && receipt.flow().equals(context.flow())
                    && receipt.asset().kind().equals(AssetSpec.CONSUMER_GROUP)) {
                committed.put(receipt.asset().name(), receipt.position().committed());
            }
        }
        return committed;
    }
}
