package io.breakwater.region;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Epoch;
import io.breakwater.platform.Json;
import io.breakwater.platform.PartitionKey;
import io.breakwater.platform.WriterInput;
import io.breakwater.region.DeltaCommit.Marker;
import io.breakwater.region.ObjectStore.PutOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * The commit V+1 by which a promoted region claims a table. It changes no row. It carries the epoch, so that a late
 * mirror loses the conditional put of its own V+1, and for the table's writer the positions in the promoted region's
 * cluster at which it goes on.
 *
 * @param clusterId Kafka's id of the promoted region's cluster
 * @param positions per partition the next offset to read there
 */
public record PromotionCommit(
        Epoch epoch, String operation, String writer, String clusterId, SortedMap<PartitionKey, Long> positions) {

    /** What came of it. */
    public sealed interface Outcome {

        /** @param version of the promotion commit, now or from an earlier try of the same epoch */
        record Promoted(long version) implements Outcome {}

        /** Another commit, which the detail names, holds the version. */
        record Fork(long version, String detail) implements Outcome {}

        /** The table can't be promoted as it is. */
        record Refused(String reason) implements Outcome {}
    }

    /**
     * Claims the table after the version given; if that version is itself this promotion, from an earlier try, nothing
     * is written.
     *
     * @param after the newest complete version
     * @param now the commit's time; a table that keeps times in its log gets a later one where order demands it
     * @throws ObjectStoreException if the store fails
     */
    public Outcome write(ObjectStore store, DeltaLogFiles log, long after, Instant now) {
        Optional<CommitContent> newest = log.content(after);
        if (newest.isEmpty()) {
            return new Outcome.Refused(log.commitFile(after) + " is not there");
        }
        if (newest.get() instanceof CommitContent.Refused refused) {
            return new Outcome.Refused(log.commitFile(after) + ": " + refused.detail());
        }
        DeltaCommit base = ((CommitContent.Actions) newest.get()).commit();
        if (base.marker().filter(marker -> marker.promotes(epoch)).isPresent()) {
            return new Outcome.Promoted(after);
        }
        long version = after + 1;
        if (store.putIfAbsent(log.commitFile(version), toBytes(base, now)) == PutOutcome.CREATED) {
            return new Outcome.Promoted(version);
        }
        return log.content(version)
                .map(found -> met(version, found))
                .orElseGet(() -> new Outcome.Fork(version, log.commitFile(version) + " was there and is gone"));
    }

    private Outcome met(long version, CommitContent found) {
        if (found instanceof CommitContent.Actions actions) {
            Optional<Marker> marker = actions.commit().marker();
            if (marker.filter(m -> m.promotes(epoch)).isPresent()) {
                return new Outcome.Promoted(version);
            }
            return new Outcome.Fork(
                    version,
                    marker.map(m -> "a " + m.marker() + " of epoch " + m.epoch() + " by operation " + m.operation())
                            .orElse("a commit of another writer"));
        }
        return new Outcome.Fork(version, "a commit that can't be read: " + ((CommitContent.Refused) found).detail());
    }

    private byte[] toBytes(DeltaCommit base, Instant now) {
        ObjectNode commitInfo =
                OwnCommit.info(base, now, "BREAKWATER PROMOTION", new Marker(Marker.PROMOTION, epoch, operation));
        commitInfo.put("isBlindAppend", true);
        String info = OwnCommit.line("commitInfo", commitInfo);
        String txns = positions.entrySet().stream()
                .map(position -> OwnCommit.line("txn", txn(position, now)))
                .collect(Collectors.joining());
        return (info + txns).getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode txn(Map.Entry<PartitionKey, Long> position, Instant now) {
        return Json.MAPPER
                .createObjectNode()
                .put("appId", new WriterInput(writer, clusterId, position.getKey()).appId())
                .put("version", position.getValue())
                .put("lastUpdated", now.toEpochMilli());
    }
}
