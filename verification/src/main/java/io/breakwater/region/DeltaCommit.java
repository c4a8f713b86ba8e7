package io.breakwater.region;

import io.breakwater.platform.Epoch;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The actions of one commit that matter to whoever carries or checks a table, as they stand in the file. Paths are
 * decoded and relative to the root of the table. Actions and fields that are not named here are left out; the file's
 * bytes remain the truth.
 *
 * @param adds files that the commit makes part of the table
 * @param removes paths of files that it takes out
 * @param removedVectors files of deletion vectors that the files taken out had
 * @param changes change data files
 * @param txns the newest version per application id
 * @param sidecars names of files below {@code _sidecars/}, of a V2 checkpoint's manifest; else empty
 */
public record DeltaCommit(
        List<DataFile> adds,
        List<String> removes,
        List<String> removedVectors,
        List<DataFile> changes,
        SortedMap<String, Long> txns,
        List<DataFile> sidecars,
        Optional<Protocol> protocol,
        Optional<Metadata> metadata,
        Optional<CommitInfo> info) {

    /** Where in {@code commitInfo} our own commits say what they are. */
    public static final String MARKER = "breakwater";

    /**
     * @param path relative to the root of the table, or a file's name
     * @param size in bytes, as the log says
     */
    public record DataFile(String path, OptionalLong size, Optional<DeletionVector> deletionVector) {}

    /**
     * The deleted rows of a file, kept in a file of their own that may serve many; inline ones are part of the log.
     *
     * @param end the length that the file must have at least
     */
    public record DeletionVector(String path, long end) {}

    /** What a reader and a writer must know. */
    public record Protocol(
            int minReaderVersion, int minWriterVersion, Set<String> readerFeatures, Set<String> writerFeatures) {
        public Protocol {
            readerFeatures = Set.copyOf(readerFeatures);
            writerFeatures = Set.copyOf(writerFeatures);
        }
    }

    /**
     * What a table is.
     *
     * @param id given when it was made; a table that is dropped and made again has another one
     */
    public record Metadata(String id, SortedMap<String, String> configuration) {
        public Metadata {
            configuration = Collections.unmodifiableSortedMap(new TreeMap<>(configuration));
        }
    }

    /**
     * @param timestamp by the writer's clock
     * @param inCommitTimestamp present if the table keeps its times in the log
     * @param operation as the writer calls it, such as {@code WRITE}
     * @param engine the writer's name of itself
     * @param marker present if Breakwater itself wrote the commit
     */
    public record CommitInfo(
            Optional<Instant> timestamp,
            Optional<Instant> inCommitTimestamp,
            Optional<String> operation,
            Optional<String> engine,
            Optional<Marker> marker) {}

    /**
     * @param marker {@link #PROMOTION}, {@link #FENCE} or {@link #LIFT}
     * @param operation the operation that wrote it
     */
    public record Marker(String marker, Epoch epoch, String operation) {
        /** Claims a table for the region that is promoted. */
        public static final String PROMOTION = "promotion";
        /** Closes the table of a region that was left; never carried elsewhere while it is in force. */
        public static final String FENCE = "fence";
        /** Takes the fence before it back, in a region that is active again. */
        public static final String LIFT = "lift";

        /** Whether it is a promotion of this epoch. */
        public boolean promotes(Epoch promoted) {
            return marker.equals(PROMOTION) && epoch.equals(promoted);
        }

        public boolean isFence() {
            return marker.equals(FENCE);
        }

        public boolean isLift() {
            return marker.equals(LIFT);
        }
    }

    public DeltaCommit {
        adds = List.copyOf(adds);
        removes = List.copyOf(removes);
        removedVectors = List.copyOf(removedVectors);
        changes = List.copyOf(changes);
        txns = new TreeMap<>(Map.copyOf(txns));
        sidecars = List.copyOf(sidecars);
    }

    /** Reads a commit, or the manifest of a V2 checkpoint written as JSON. */
    public static CommitContent parse(byte[] bytes) {
        return new DeltaCommitParser().parse(bytes);
    }

    public Optional<Marker> marker() {
        return info.flatMap(CommitInfo::marker);
    }

    /** The commit's own time: the one in the log if the table keeps it, else the writer's clock. */
    public Optional<Instant> time() {
        return info.flatMap(i -> i.inCommitTimestamp().or(i::timestamp));
    }
}
