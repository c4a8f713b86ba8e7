package io.breakwater.local.outcome;

import io.breakwater.platform.OffsetVector;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.WriterInput;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaCommit.Marker;
import io.breakwater.region.DeltaLogFiles;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a table's log says of its versions, from its raw commits. */
final class TableVersions {

    private final DeltaLogFiles log;

    TableVersions(DeltaLogFiles log) {
        this.log = log;
    }

    long newest() {
        return log.newestVersion().orElseThrow(() -> new IllegalStateException(log.table() + ": there is no table"));
    }

    /** The newest that a writer made, not Breakwater itself. */
    long newestWritten() {
        for (long version = newest(); version >= 0; version--) {
            if (commit(version).marker().isEmpty()) {
                return version;
            }
        }
        throw new IllegalStateException(log.table() + ": no version was made by a writer");
    }

    /** The version before the newest promotion. */
    long promoted() {
        for (long version = newest(); version > 0; version--) {
            Optional<Marker> marker = commit(version).marker();
            if (marker.filter(m -> m.marker().equals(Marker.PROMOTION)).isPresent()) {
                return version - 1;
            }
        }
        throw new IllegalStateException(log.table() + ": it was never promoted");
    }

    /** Up to where a writer had read a cluster when it made this version. */
    OffsetVector inputs(String writer, String clusterId, long version) {
        for (long at = version; at >= 0; at--) {
            SortedMap<PartitionKey, Long> inputs = new TreeMap<>();
            commit(at)
                    .txns()
                    .forEach((appId, offset) -> WriterInput.parse(appId)
                            .filter(input -> input.writer().equals(writer)
                                    && input.clusterId().equals(clusterId))
                            .ifPresent(input -> inputs.put(input.partition(), offset)));
            // The archiver names all its partitions in every commit.
            if (!inputs.isEmpty()) {
                return new OffsetVector(inputs);
            }
        }
        return OffsetVector.EMPTY;
    }

    private DeltaCommit commit(long version) {
        CommitContent content = log.content(version)
                .orElseThrow(() -> new IllegalStateException(log.commitFile(version) + " is not there"));
        if (content instanceof CommitContent.Actions actions) {
            return actions.commit();
        }
        throw new IllegalStateException(log.commitFile(version) + ": " + content);
    }
}
