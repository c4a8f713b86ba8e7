package io.breakwater.replicator.flink.cli;

import io.breakwater.platform.PartitionKey;
import io.breakwater.region.StampedPositions;
import io.breakwater.region.StampedPositions.Answer;
import io.breakwater.replicator.kafka.cli.Cluster;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.Uuid;

/** Translates by the stamps of the records on a living target cluster. All positions are asked for at once. */
final class StampTranslation implements PositionTranslation {

    private final SortedMap<PartitionKey, SortedMap<Long, Answer>> answers;
    private final UnaryOperator<PartitionKey> onTarget;

    private StampTranslation(
            SortedMap<PartitionKey, SortedMap<Long, Answer>> answers, UnaryOperator<PartitionKey> onTarget) {
        this.answers = answers;
        this.onTarget = onTarget;
    }

    /**
     * @param source empty if it is dead
     * @param sourceClusterId if it is known; else the source is asked, else the newest stamps
     * @param wanted source positions
     * @throws NotDoneException if a cluster does not answer, or the source cannot be told
     */
    static StampTranslation ask(
            Cluster target,
            Optional<Cluster> source,
            Optional<Uuid> sourceClusterId,
            SortedMap<PartitionKey, SortedSet<Long>> wanted,
            UnaryOperator<PartitionKey> onTarget) {
        SortedMap<PartitionKey, SortedSet<Long>> there = new TreeMap<>();
        wanted.forEach((partition, offsets) -> there.computeIfAbsent(onTarget.apply(partition), key -> new TreeSet<>())
                .addAll(offsets));
        try (StampedPositions stamped = target.asking(
                () -> new StampedPositions(target.settings(), source.map(Cluster::settings), Optional.empty()))) {
            Uuid from = sourceClusterId
                    .or(() -> source.map(cluster -> cluster.asking(cluster::id)))
                    .or(() -> target.asking(() -> stamped.sourceClusterId(there.keySet())))
                    .orElseThrow(() -> new NotDoneException("--to-cluster: no record of "
                            + there.keySet() + " has a stamp, so the source is not known: is the stamp switched on, and"
                            + " are the topics named so there? Else see --topic and --source-cluster-id"));
            return new StampTranslation(target.asking(() -> stamped.translate(from, there)), onTarget);
        }
    }

    @Override
    public Map<String, String> topics() {
        return Map.of();
    }

    @Override
    public Place place(PartitionKey partition, long offset) {
        Answer answer = Objects.requireNonNull(
                Objects.requireNonNull(answers.get(onTarget.apply(partition))).get(offset));
        if (answer instanceof Answer.ByStamp exact) {
            return new Place(Optional.of(exact.offset()), "exact", "");
        }
        if (answer instanceof Answer.Early early) {
            return new Place(Optional.of(early.offset()), EARLY, "");
        }
        if (answer instanceof Answer.MirrorEnd end) {
            return new Place(Optional.of(end.offset()), MIRROR_END, "");
        }
        return new Place(Optional.empty(), "untranslatable", ((Answer.Untranslatable) answer).why());
    }
}
