package io.breakwater.replicator.flink.cli;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.replicator.flink.cli.PositionTranslation.Place;
import io.breakwater.replicator.flink.snapshot.KafkaSourceOperator;
import io.breakwater.replicator.flink.snapshot.OperatorSummary;
import io.breakwater.replicator.flink.snapshot.SinkPolicy;
import io.breakwater.replicator.flink.snapshot.Snapshot;
import io.breakwater.replicator.flink.snapshot.SnapshotRewrite;
import io.breakwater.replicator.kafka.cli.NotDoneException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a rewrite puts where.
 *
 * @param notes what a person should know of it
 */
record RewritePlan(List<Line> lines, SnapshotRewrite rewrite, List<String> notes) {

    /** @param onTarget the partition as it is named there */
    record Line(
            KafkaSourceOperator source,
            PartitionKey partition,
            long offset,
            PartitionKey onTarget,
            long targetOffset,
            String how) {}

    /** The operators of a snapshot by what people call them. */
    record Operators(List<OperatorSummary> all, String snapshot) {

        /**
         * A sink's writer, and its committer if there is one: Flink gives it a uid made of the sink's.
         *
         * @throws NotDoneException if there is no such operator
         */
        Set<String> sink(String option, String uid) {
            Set<String> ids = new TreeSet<>(Set.of(id(option, uid)));
            String committer = Snapshot.idOf("Sink Committer: " + uid);
            all.stream().map(OperatorSummary::id).filter(committer::equals).forEach(ids::add);
            return ids;
        }

        /**
         * @param uid the operator's uid, id or name; a uid also where the snapshot's format keeps none
         * @throws NotDoneException if there is no such operator
         */
        String id(String option, String uid) {
            return all.stream()
                    .filter(operator -> operator.uid().filter(uid::equals).isPresent()
                            || operator.id().equals(uid)
                            || operator.id().equals(Snapshot.idOf(uid))
                            || operator.name().filter(uid::equals).isPresent())
                    .map(OperatorSummary::id)
                    .findFirst()
                    .orElseThrow(
                            () -> new NotDoneException(option + ": snapshot " + snapshot + " has no operator '" + uid
                                    + "'; there are "
                                    + all.stream().map(OperatorSummary::label).toList()));
        }
    }

    /**
     * @param terms all but the positions
     * @throws SnapshotRefusedException naming all positions that have no place
     */
    static RewritePlan of(
            Operators operators,
            List<KafkaSourceOperator> sources,
            PositionTranslation translation,
            SnapshotRewrite terms,
            boolean acceptEarly) {
        List<Line> lines = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        Map<String, OffsetVector> positions = new HashMap<>();
        for (KafkaSourceOperator source : sources) {
            SortedMap<PartitionKey, Long> own = new TreeMap<>();
            source.positions().ends().forEach((partition, offset) -> {
                Place place = translation.place(partition, offset);
                String at = "operator " + source.label() + ": " + partition + " at offset " + offset + ": ";
                if (place.offset().isEmpty()) {
                    refused.add(at + place.why());
                } else if (place.how().equals(PositionTranslation.EARLY) && !acceptEarly) {
                    refused.add(at + "only a place before it is known ("
                            + place.offset().get() + "): records would be applied again; --accept-early takes it");
                } else {
                    own.put(partition, place.offset().get());
                    String topic = terms.topics().getOrDefault(partition.topic(), partition.topic());
                    lines.add(new Line(
                            source,
                            partition,
                            offset,
                            new PartitionKey(topic, partition.partition()),
                            place.offset().get(),
                            place.how()));
                }
            });
            positions.put(source.id(), new OffsetVector(own));
        }
        if (!refused.isEmpty()) {
            throw new SnapshotRefusedException("snapshot " + operators.snapshot() + ": no place on the target for "
                    + refused.size() + " positions:\n  " + String.join("\n  ", refused));
        }
        return new RewritePlan(
                List.copyOf(lines),
                new SnapshotRewrite(positions, terms.topics(), terms.sink(), terms.sinks(), terms.leave()),
                notes(operators, lines, terms));
    }

    private static List<String> notes(Operators operators, List<Line> lines, SnapshotRewrite terms) {
        List<String> notes = new ArrayList<>();
        if (lines.stream().anyMatch(line -> line.how().equals(PositionTranslation.MIRROR_END))) {
            notes.add(
                    "mirror-end: nothing at or past that position is on the target. If the mirror still brings records"
                            + " from before it, the job applies them again: start it only when the mirror has passed.");
        }
        for (OperatorSummary operator : operators.all()) {
            SinkPolicy policy = terms.sinks().getOrDefault(operator.id(), terms.sink());
            int held =
                    operator.committables().orElse(0) + operator.writerStates().orElse(0);
            if (held > 0
                    && policy == SinkPolicy.DROP_WITH_NEW_PREFIX
                    && !terms.leave().contains(operator.id())) {
                notes.add("dropped: " + held + " elements of sink " + operator.label()
                        + ": start the job with another transactional id prefix");
            }
        }
        return List.copyOf(notes);
    }
}
