package io.breakwater.controller.runbook.steps;

import io.breakwater.controller.runbook.RunbookStep;
import io.breakwater.controller.runbook.StepContext;
import io.breakwater.controller.runbook.StepOutcome;
import io.breakwater.platform.AssetSpec;
import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.Receipt;
import io.breakwater.region.PositionTranslator;
import io.breakwater.region.RegionClients;
import io.breakwater.region.StandbyGroups;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;

/**
 * Translates the newest known source positions of each consumer group once more, now that the last mirrored record has
 * arrived, and writes them. A group with members on the promoted region is left alone.
 */
public final class TranslateGroupsStep implements RunbookStep {

    /** So many positions are listed in the detail; it has to stay small. */
    private static final int LISTED = 400;

    private final RegionClients clients;

    /**
     * @param groups the written positions by group, on the promoted region; at most {@link #LISTED} partitions in all
     * @param active groups that were left alone
     */
    private record Detail(
            int written, SortedMap<String, SortedMap<PartitionKey, Long>> groups, SortedSet<String> active) {}

    public TranslateGroupsStep(RegionClients clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return "translate-groups";
    }

    @Override
    public StepOutcome run(StepContext context) throws InterruptedException {
        SortedMap<String, OffsetVector> committed = committed(context);
        Segments segments = context.detail(RecordSegmentsStep.ID, Segments.class);
        if (committed.isEmpty() || segments.sourceClusterId().isEmpty()) {
            return StepOutcome.done(new Detail(0, new TreeMap<>(), new TreeSet<>()));
        }
        Uuid source = Uuid.fromString(segments.sourceClusterId().get());
        String region = context.flow().to();
        StandbyGroups groups = new StandbyGroups(clients.admin(region));
        try (PositionTranslator translator = new PositionTranslator(clients.kafka(region))) {
            Set<String> active = groups.active(committed.keySet());
            committed.keySet().removeAll(active);
            SortedMap<String, SortedMap<PartitionKey, Long>> listed = new TreeMap<>();
            int partitions = 0;
            for (String group : committed.keySet()) {
                SortedMap<PartitionKey, Long> positions =
                        translator.translate(source, committed.getOrDefault(group, OffsetVector.EMPTY));
                groups.write(group, positions);
                partitions += positions.size();
                if (partitions <= LISTED) {
                    listed.put(group, positions);
                }
            }
            return StepOutcome.done(new Detail(committed.size(), listed, new TreeSet<>(active)));
        } catch (KafkaException e) {
            return new StepOutcome.Failed("translating group positions on region " + region + ": " + e);
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
