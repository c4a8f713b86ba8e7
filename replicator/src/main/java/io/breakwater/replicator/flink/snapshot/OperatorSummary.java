package io.breakwater.replicator.flink.snapshot;

import io.breakwater.platform.OffsetVector;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * What a snapshot says about one operator.
 *
 * @param id in hexadecimal, unique in the snapshot: the hash of the uid, or, without one, of the operator's place in
 *     the job's graph
 * @param uid empty if the job gave none, and always in format version 4, which does not keep it
 * @param name empty in format version 4
 * @param listStates the operator's list states by name, with how many elements all subtasks hold
 * @param handles the kinds of its state handles, as {@code incremental/relative}
 * @param files that it refers to
 * @param inlineBytes of state inside the metadata itself
 * @param coordinatorBytes of its coordinator's state; empty if it has none
 * @param kafkaPositions the next offset of each partition, if it is a KafkaSource
 * @param enumeratorVersion of a KafkaSource's enumerator state: 2 from connectors 3.2 to 4.0, 3 from 5.0 on
 * @param refusal why it cannot be carried to another cluster, if it cannot
 */
public record OperatorSummary(
        String id,
        Optional<String> uid,
        Optional<String> name,
        int parallelism,
        int maxParallelism,
        SortedMap<String, Integer> listStates,
        SortedSet<String> handles,
        List<SnapshotFile> files,
        long inlineBytes,
        OptionalInt coordinatorBytes,
        Optional<OffsetVector> kafkaPositions,
        OptionalInt enumeratorVersion,
        Optional<String> refusal) {

    /** What a sink's committer has still to commit, in elements; empty if it is no such sink. */
    public OptionalInt committables() {
        return elements(PositionRewrite.COMMITTER_STATE);
    }

    /** What a sink's writer holds, in elements; empty if it is no such sink. */
    public OptionalInt writerStates() {
        return elements(PositionRewrite.WRITER_STATE);
    }

    private OptionalInt elements(String state) {
        Integer elements = listStates.get(state);
        return elements == null ? OptionalInt.empty() : OptionalInt.of(elements);
    }

    /** Uid or name if the snapshot has one, and the id in any case. */
    public String label() {
        return uid.or(() -> name).map(known -> known + " (" + id + ")").orElse(id);
    }
}
