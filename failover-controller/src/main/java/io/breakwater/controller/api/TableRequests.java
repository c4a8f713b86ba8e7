package io.breakwater.controller.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.breakwater.controller.core.GroupState;
import io.breakwater.platform.Json;
import io.breakwater.region.ObjectStoreException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says which version of a table stood when, on threads of its own, because that reads an object store. Thread-safe. */
final class TableRequests implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TableRequests.class);
    private static final int MOST = 1000;

    private final TableVersions tables;
    private final ThreadPoolExecutor threads = RequestThreads.named("tables");

    TableRequests(TableVersions tables) {
        this.tables = tables;
    }

    /**
     * @param name of the protection group
     * @param asOf as the client has written it; null for all versions
     */
    CompletionStage<ObjectNode> versions(String name, GroupState group, String table, @Nullable String asOf) {
        Optional<Instant> time = Optional.ofNullable(asOf).map(TableRequests::time);
        try {
            return CompletableFuture.supplyAsync(() -> answer(name, group.standby(), table, time), threads);
        } catch (RejectedExecutionException e) {
            throw new ProblemException(Problem.of(
                    Problem.Kind.BUSY, "this node is reading for others: ask again in a second, or another node"));
        }
    }

    private ObjectNode answer(String name, String region, String table, Optional<Instant> asOf) {
        NavigableMap<Long, Instant> times = read(region, name, table)
                .orElseThrow(() -> new ProblemException(
                        Problem.notFound("table with a replica in region " + region + " of group " + name, table)));
        ObjectNode answer = Json.MAPPER
                .createObjectNode()
                .put("group", name)
                .put("region", region)
                .put("table", table);
        ArrayNode versions = answer.putArray("versions");
        times.descendingMap().entrySet().stream()
                .filter(entry -> asOf.isEmpty() || !entry.getValue().isAfter(asOf.get()))
                .limit(asOf.isPresent() ? 1 : MOST)
                .forEach(entry -> add(versions, entry));
        return answer;
    }

    private static void add(ArrayNode versions, Map.Entry<Long, Instant> version) {
        versions.addObject()
                .put("version", version.getKey())
                .put("time", version.getValue().toString());
    }

    private Optional<NavigableMap<Long, Instant>> read(String region, String group, String table) {
        try {
            return tables.times(region, group, table);
        } catch (ObjectStoreException e) {
            LOG.warn("reading a table's times failed: region={} group={} cause={}", region, group, e.toString());
            throw new ProblemException(Problem.of(
                    Problem.Kind.REGION_UNREACHABLE,
                    "the object store of region " + region + " did not give the answer; the cause is in this node's"
                            + " log; ask again"));
        }
    }

    private static Instant time(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new ProblemException(new Problem(
                    Problem.Kind.INVALID_REQUEST,
                    "asOf is no time",
                    List.of(new Problem.Fault("asOf", "expected a time such as 2026-11-22T18:00:00Z")),
                    List.of()));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
