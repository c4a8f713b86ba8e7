package io.breakwater.replicator.delta;

import com.fasterxml.jackson.databind.JsonNode;
import io.breakwater.platform.Json;
import io.breakwater.region.CommitContent;
import io.breakwater.region.DeltaCommit;
import io.breakwater.region.DeltaLogFiles;
import io.breakwater.region.ObjectStore;
import io.breakwater.region.ObjectUri;
import io.breakwater.region.ReplicaNotes;
import io.breakwater.region.VersionTimes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.NavigableMap;
import java.util.Optional;

/**
 * Whether a mirror may still write to a table: the note beside a replica that says no more, and until then what tells a
 * replica from a table of its own. A commit on a replica that is followed is a fork.
 */
final class DetachedReplica {

    private final ObjectStore store;
    private final DeltaLogFiles log;

    DetachedReplica(ObjectStore store, DeltaLogFiles log) {
        this.store = store;
        this.log = log;
    }

    /** Says that nothing may be carried to it any more. */
    void detach(Instant now, String why) {
        String note = Json.MAPPER
                .createObjectNode()
                .put("at", now.toString())
                .put("why", why)
                .toString();
        store.put(note(), note.getBytes(StandardCharsets.UTF_8));
    }

    /** Since when and why it is detached; empty if it is not. */
    Optional<String> detached() {
        return store.get(note()).map(bytes -> {
            try {
                JsonNode note = Json.MAPPER.readTree(bytes);
                return "since " + note.path("at").asText() + ", "
                        + note.path("why").asText();
            } catch (IOException e) {
                return "by a note that can't be read";
            }
        });
    }

    /** The last version that a mirror has brought, if a mirror may bring further ones. */
    Optional<Long> followedUpTo() {
        NavigableMap<Long, Instant> carried = new VersionTimes(store, log.table()).all();
        if (carried.isEmpty() || detached().isPresent()) {
            return Optional.empty();
        }
        long last = carried.lastKey();
        boolean promoted = log.content(last + 1)
                .flatMap(content -> content instanceof CommitContent.Actions actions
                        ? actions.commit().marker()
                        : Optional.empty())
                .filter(marker -> marker.marker().equals(DeltaCommit.Marker.PROMOTION))
                .isPresent();
        return promoted ? Optional.empty() : Optional.of(last);
    }

    ObjectUri note() {
        return ReplicaNotes.of(log.table(), "detached.json");
    }
}
