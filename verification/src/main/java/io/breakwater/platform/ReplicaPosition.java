package io.breakwater.platform;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Optional;

/**
 * How far an asset's replica has come.
 *
 * @param sourceTime the source's clock up to which the replica is complete
 * @param through for a topic: source offsets below which every visible record is on the standby; else empty
 * @param inputs for a writer (table, job): the source offsets up to which its content was made; else empty
 * @param committed for a consumer group: the source offsets that it has committed; else empty
 * @param version the asset's own unit as text: a table version, a snapshot id; empty for topics, groups and prefixes
 * @param location where on the standby the restorable form is (an {@code s3://} URI), if it has one
 * @param notice what an operator should know about it, such as a position that is not exact; left out of the JSON if
 *     there is none, so that older readers are not troubled
 * @param carried for a table: what its version brought; for a prefix: what it holds; left out of the JSON if there is none
 * @param outputs for a job that declares what it writes; left out of the JSON if there is none
 */
public record ReplicaPosition(
        Instant sourceTime,
        OffsetVector through,
        OffsetVector inputs,
        OffsetVector committed,
        Optional<String> version,
        Optional<String> location,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Optional<String> notice,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Optional<Carried> carried,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Optional<Outputs> outputs) {

    /**
     * Where a job's snapshot stands in the topics that the job writes, as source offsets. Its parallel sinks pass the
     * snapshot at different times, so there is no single offset; it lies between two.
     *
     * @param before the ends just before it was triggered: nothing below them is written again by a job that is restored
     *     from it
     * @param after the ends, open transactions included, when it was complete: all that the snapshot has written is below
     *     them, and all that the job wrote at or past them is written again
     * @param gates the part of {@code after} in {@link DerivedTopics}: a snapshot is announced when the source has all
     *     that is below, the mirror carries them only then, and no recovery point has the snapshot before they are there
     */
    public record Outputs(OffsetVector before, OffsetVector after, OffsetVector gates) {}

    /**
     * What one version of a table brought; of a prefix, all that the standby has of it.
     *
     * @param files deletion vectors and change data counted
     * @param bytes of these, as far as the table's log says
     * @param digest SHA-256 in hexadecimal digits: of the commit as it stands on the standby; of a prefix, of the keys
     *     and sizes of its objects
     * @param objects of a table's version: SHA-256 in hexadecimal digits over its objects' paths, sizes and tags, see
     *     docs/tables.md of the replicator; left out of the JSON if it is not known, and of a prefix
     */
    public record Carried(
            int files,
            long bytes,
            String digest,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Optional<String> objects) {

        /** Of a prefix. */
        public Carried(int files, long bytes, String digest) {
            this(files, bytes, digest, Optional.empty());
        }
    }

    public static ReplicaPosition ofTopic(Instant sourceTime, OffsetVector through) {
        return new ReplicaPosition(
                sourceTime,
                through,
                OffsetVector.EMPTY,
                OffsetVector.EMPTY,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public static ReplicaPosition ofGroup(Instant sourceTime, OffsetVector committed) {
        return ofGroup(sourceTime, committed, Optional.empty());
    }

    public static ReplicaPosition ofGroup(Instant sourceTime, OffsetVector committed, Optional<String> notice) {
        return new ReplicaPosition(
                sourceTime,
                OffsetVector.EMPTY,
                OffsetVector.EMPTY,
                committed,
                Optional.empty(),
                Optional.empty(),
                notice,
                Optional.empty(),
                Optional.empty());
    }

    public static ReplicaPosition ofWriter(Instant sourceTime, OffsetVector inputs, String version, String location) {
        return new ReplicaPosition(
                sourceTime,
                OffsetVector.EMPTY,
                inputs,
                OffsetVector.EMPTY,
                Optional.of(version),
                Optional.of(location),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** @param location the prefix on the standby */
    public static ReplicaPosition ofPrefix(Instant sourceTime, String location) {
        return new ReplicaPosition(
                sourceTime,
                OffsetVector.EMPTY,
                OffsetVector.EMPTY,
                OffsetVector.EMPTY,
                Optional.empty(),
                Optional.of(location),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** This position with more to say about it. */
    public ReplicaPosition with(Optional<String> itsNotice, Carried itsCarried) {
        return new ReplicaPosition(
                sourceTime, through, inputs, committed, version, location, itsNotice, Optional.of(itsCarried), outputs);
    }

    /** This position of a job, with where it stands in what the job writes. */
    public ReplicaPosition with(Outputs itsOutputs) {
        return new ReplicaPosition(
                sourceTime, through, inputs, committed, version, location, notice, carried, Optional.of(itsOutputs));
    }
}
