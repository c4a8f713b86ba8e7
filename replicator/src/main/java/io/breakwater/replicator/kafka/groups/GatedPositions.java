package io.breakwater.replicator.kafka.groups;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;

/**
 * Positions of which those of groups with declared outputs pass the {@link OutputGate}. Until one has passed for the
 * first time such a group has none here, and what the standby holds for it from before stays.
 */
public final class GatedPositions implements CommittedPositions {

    private static final Duration LOOK = Duration.ofMillis(200);

    private final CommittedPositions all;
    private final GroupSelection selection;
    private final Outputs outputs;
    private final Notices notices;
    private final String region;
    private final OutputGate gate = new OutputGate();
    private Instant lookedAt = Instant.EPOCH;

    /** @param region the source's name, for messages */
    GatedPositions(CommittedPositions all, GroupSelection selection, Outputs outputs, Notices notices, String region) {
        this.all = all;
        this.selection = selection;
        this.outputs = outputs;
        this.notices = notices;
        this.region = region;
    }

    /**
     * All positions if no group declares outputs, else through the gate.
     *
     * @param source stays the caller's to close
     * @param region the source's name, for messages
     */
    public static CommittedPositions of(
            FollowedPositions all,
            GroupSelection selection,
            Notices notices,
            Admin source,
            String region,
            Map<String, Object> sourceSettings,
            Map<String, Object> targetSettings) {
        return selection.declaresOutputs()
                ? new GatedPositions(
                        all, selection, new MirroredOutputs(source, sourceSettings, targetSettings), notices, region)
                : all;
    }

    @Override
    public SortedMap<String, SortedMap<PartitionKey, Commit>> read(Instant now) throws InterruptedException {
        SortedMap<String, SortedMap<PartitionKey, Commit>> positions = all.read(now);
        SortedMap<String, SortedMap<PartitionKey, Commit>> gated = new TreeMap<>(positions);
        gated.keySet().removeIf(group -> selection.outputs(group).isEmpty());
        decide(gated);
        SortedSet<PartitionKey> awaited = gate.awaited();
        if (!now.isBefore(lookedAt.plus(LOOK))) {
            gate.mirrored(awaited.isEmpty() ? OffsetVector.EMPTY : outputs.through(awaited));
            lookedAt = now;
        }
        gated.keySet()
                .forEach(group -> gate.passed(group)
                        .ifPresentOrElse(passed -> positions.put(group, passed), () -> positions.remove(group)));
        return positions;
    }

    private void decide(SortedMap<String, SortedMap<PartitionKey, Commit>> newest) throws InterruptedException {
        SortedSet<String> undecided = gate.undecided(newest);
        Set<String> topics = new TreeSet<>();
        undecided.forEach(group -> topics.addAll(selection.outputs(group)));
        if (topics.isEmpty()) {
            return;
        }
        OffsetVector ends = outputs.ends(topics);
        Set<String> present =
                ends.ends().keySet().stream().map(PartitionKey::topic).collect(Collectors.toSet());
        Map<String, String> missing = new TreeMap<>();
        for (String group : undecided) {
            Set<String> declared = selection.outputs(group);
            if (present.containsAll(declared)) {
                SortedMap<PartitionKey, Long> own = new TreeMap<>(ends.ends());
                own.keySet().removeIf(partition -> !declared.contains(partition.topic()));
                gate.await(group, newest.getOrDefault(group, new TreeMap<>()), new OffsetVector(own));
            } else {
                Set<String> absent = new TreeSet<>(declared);
                absent.removeAll(present);
                missing.put(
                        group,
                        "keeps its previous position: the cluster of region " + region + " does not have its declared"
                                + " outputs " + absent + "; correct 'outputs' of its consumer-group asset");
            }
        }
        notices.report(Notices.Area.OUTPUTS, missing);
    }

    @Override
    public void close() {
        all.close();
        outputs.close();
    }
}
