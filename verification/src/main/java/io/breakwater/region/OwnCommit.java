package io.breakwater.region;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.platform.Json;
import io.breakwater.region.DeltaCommit.Marker;
import java.time.Instant;

/** How the commits that Breakwater itself writes begin: with a {@code commitInfo} that has a marker. */
public final class OwnCommit {

    private OwnCommit() {}

    /**
     * @param before the commit of the version before
     * @param now the commit's time; a table that keeps times in its log gets a later one where order demands it
     * @param operation as people see it in the table's history
     */
    public static ObjectNode info(DeltaCommit before, Instant now, String operation, Marker marker) {
        ObjectNode info = Json.MAPPER.createObjectNode();
        info.put("timestamp", now.toEpochMilli());
        // PROTOCOL.md, "In-Commit Timestamps": in the first action, and later than the one before it.
        before.info()
                .flatMap(DeltaCommit.CommitInfo::inCommitTimestamp)
                .ifPresent(
                        last -> info.put("inCommitTimestamp", Math.max(now.toEpochMilli(), last.toEpochMilli() + 1)));
        info.put("operation", operation);
        info.putObject("operationParameters");
        info.putObject(DeltaCommit.MARKER)
                .put("marker", marker.marker())
                .put("epoch", marker.epoch().number())
                .put("operation", marker.operation());
        return info;
    }

    /** One action as a line of a commit, with its end. */
    public static String line(String action, JsonNode body) {
        return Json.MAPPER.createObjectNode().set(action, body) + "\n";
    }
}
